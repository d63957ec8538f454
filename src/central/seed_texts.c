/* What citizens of the invented town write and say. Texts of one topic stand together. */
#include "seed.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const struct seed_text seed_texts[] = {
	{"Putten in het wegdek", "Put in de {straat}",
	 "In de {straat} {plek} zit een diepe put in de weg. Met de fiets moet je op het andere "
	 "rijvak om erlangs te geraken."},
	{"Putten in het wegdek", "Gevaarlijke put {plek}",
	 "{wanneer} is er een grote put in de {straat}. Gisteren is er een bromfietser over "
	 "gevallen."},
	{"Putten in het wegdek", "Wegdek {straat} stuk",
	 "Het asfalt in de {straat} komt los in grote stukken. De stenen springen tegen de auto's "
	 "op."},
	{"Putten in het wegdek", "Verzakking na werken Fluvius",
	 "De sleuf die dichtgelegd werd in de {straat} is {getal} cm gezakt. Vrachtwagens doen het "
	 "hele huis daveren."},
	{"Losliggende stoeptegels", "Losse tegels {straat} {nr}",
	 "Voor onze deur in de {straat} {nr} liggen verschillende tegels los. Mijn moeder is er "
	 "bijna over gevallen."},
	{"Losliggende stoeptegels", "Voetpad ligt slecht",
	 "Het voetpad {plek} in de {straat} is onmogelijk met een rollator. Kan daar iemand naar "
	 "komen zien?"},
	{"Losliggende stoeptegels", "Gevallen over stoeptegel",
	 "Ik ben {wanneer} gevallen over een opstaande tegel in de {straat}. Bij wie moet ik zijn "
	 "voor de verzekering?"},
	{"Beschadigde boordsteen", "Boordsteen kapotgereden",
	 "Een vrachtwagen heeft de boordsteen in de {straat} {plek} stukgereden. De brokken liggen "
	 "op de rijweg."},
	{"Beschadigde boordsteen", "Verlaagde boordsteen gevraagd",
	 "Ik rol mijn moeder met de rolstoel naar de {straat} maar {plek} is de boordsteen te "
	 "hoog. Kan die verlaagd worden?"},
	{"Verstopte rioolkolk", "Rioolputje verstopt {straat}",
	 "Het rioolputje {plek} loopt niet meer door. Bij regen staat er een grote plas tot aan "
	 "onze voordeur."},
	{"Verstopte rioolkolk", "Putje vol bladeren",
	 "In de {straat} zit het putje vol bladeren. Ik heb het zelf geprobeerd maar het deksel "
	 "krijg ik niet los."},
	{"Verstopte rioolkolk", "Stank uit de riool",
	 "Het stinkt {wanneer} uit de riool in de {straat}, vooral 's avonds. De buren ruiken het "
	 "ook."},
	{"Wateroverlast", "Water in de kelder",
	 "Na de regen van vannacht staat er {getal} cm water in onze kelder in de {straat} {nr}. "
	 "De straat loopt gewoon binnen."},
	{"Wateroverlast", "Gracht loopt over",
	 "De gracht langs de {straat} is al jaren niet geruimd en loopt nu over op ons perceel."},
	{"Wateroverlast", "Straat blank {straat}",
	 "De {straat} staat blank {plek}. Auto's rijden te snel door het water en de golven slaan "
	 "tegen de gevels."},
	{"Straatmeubilair beschadigd", "Zitbank kapot",
	 "De zitbank {plek} in de {straat} is vernield, er steken vijzen uit."},
	{"Straatmeubilair beschadigd", "Paaltje omvergereden",
	 "Er is {wanneer} een paaltje omvergereden {plek}. Het ligt nu in de goot."},
	{"Gladheid en strooien", "Niet gestrooid in {straat}",
	 "De {straat} is spiegelglad en er is niet gestrooid. De schoolbus geraakt de helling niet "
	 "op."},
	{"Gladheid en strooien", "IJsplek door lek",
	 "Door een lek loopt er water over het fietspad {plek} en dat vriest elke nacht op."},
	{"Fietspad in slechte staat", "Wortels onder fietspad",
	 "Het fietspad in de {straat} komt omhoog door boomwortels. Met de kinderen op de fiets is "
	 "het niet te doen."},
	{"Fietspad in slechte staat", "Glas op het fietspad",
	 "Er ligt glas op het fietspad {plek}. Al twee keer plat gereden deze week."},
	{"Fietspad in slechte staat", "Fietspad onderbroken",
	 "Wie van {stad} komt moet in de {straat} plots de rijweg op. Kan daar een oversteek "
	 "komen?"},
	{"Straatverlichting defect", "Lamp stuk {straat}",
	 "De straatlamp {plek} brandt niet meer {wanneer}. Het is er pikdonker."},
	{"Straatverlichting defect", "Verlichting knippert",
	 "De lantaarn in de {straat} {nr} gaat de hele nacht aan en uit. Dat schijnt in onze "
	 "slaapkamer."},
	{"Straatverlichting defect", "Hele straat zonder licht",
	 "In de {straat} brandt {wanneer} geen enkele lamp. Mijn dochter komt zo laat van de "
	 "training."},
	{"Straatverlichting defect", "Lamp brandt overdag",
	 "Niet erg, maar de straatverlichting {plek} brandt overdag ook. Zonde van het geld."},
	{"Stroompaal of cabine", "Deurtje elektriciteitskast open",
	 "Het deurtje van de kast {plek} staat open en je ziet de draden. Er spelen hier "
	 "kinderen."},
	{"Stroompaal of cabine", "Paal staat scheef",
	 "De elektriciteitspaal in de {straat} staat scheef na een aanrijding."},
	{"Gewestweg", "Oversteek gewestweg",
	 "De verkeerslichten aan de gewestweg {plek} staan te kort op groen. Oudere mensen geraken "
	 "niet over."},
	{"Gewestweg", "Spoorvorming steenweg",
	 "Er zitten diepe sporen in de steenweg richting {stad}. Bij regen schuif je zo weg."},
	{"Overhangende takken", "Takken hangen over voetpad",
	 "De haag van het leegstaande huis {straat} {nr} hangt tot over het voetpad. Je moet de "
	 "straat op met de buggy."},
	{"Overhangende takken", "Verkeersbord zit achter takken",
	 "Het stopbord {plek} is niet meer te zien door de takken. Gevaarlijk!"},
	{"Overhangende takken", "Snoeien bomen {straat}",
	 "Wanneer worden de bomen in de {straat} gesnoeid? Onze zonnepanelen liggen helemaal in de "
	 "schaduw."},
	{"Boom gevaarlijk of omgevallen", "Boom omgewaaid",
	 "Er ligt een boom over de {straat} {plek}. Auto's kunnen niet door."},
	{"Boom gevaarlijk of omgevallen", "Dode boom",
	 "De beuk {plek} in de {straat} is dood. Bij elke wind vallen er takken."},
	{"Onkruid op het voetpad", "Onkruid {straat}",
	 "Het onkruid in de goot van de {straat} staat {getal} cm hoog. Het is geen zicht."},
	{"Onkruid op het voetpad", "Distels op braakliggend terrein",
	 "Het terrein naast {straat} {nr} staat vol distels en alles waait naar onze tuin."},
	{"Speeltuig kapot", "Schommel stuk",
	 "De ketting van de schommel op het speelplein in de {straat} is gebroken."},
	{"Speeltuig kapot", "Glijbaan gevaarlijk",
	 "Aan de glijbaan {plek} steekt een scherpe rand uit. Mijn zoontje heeft zich gesneden."},
	{"Speeltuig kapot", "Zandbak vol kattenpoep",
	 "De zandbak van het speelplein {straat} is niet meer proper. Kan het zand ververst "
	 "worden?"},
	{"Gras maaien", "Gras te hoog",
	 "Het gras van de berm in de {straat} staat zo hoog dat je bij het uitrijden niets ziet."},
	{"Gras maaien", "Niet maaien aub",
	 "Kan de bloemenweide {plek} dit jaar wat later gemaaid worden? Ze staat vol bijen."},
	{"Begraafplaats", "Concessie grootouders",
	 "Hoe lang loopt de concessie van het graf van mijn grootouders nog? Er hangt een briefje "
	 "aan."},
	{"Begraafplaats", "Graf verzakt",
	 "De grafsteen van mijn man op de begraafplaats is verzakt. Wie moet dat herstellen?"},
	{"Eikenprocessierups", "Rupsen in eik",
	 "In de eiken langs de {straat} zitten nesten van de processierups. De kinderen fietsen "
	 "daaronder naar school."},
	{"Eikenprocessierups", "Jeuk na wandeling",
	 "Na een wandeling {plek} hebben we alle vier uitslag. Volgens de huisarts zijn het "
	 "rupsen."},
	{"Huisvuil niet opgehaald", "Restafval blijven staan",
	 "Ons restafval in de {straat} {nr} is niet meegenomen. De zak stond om 6 uur buiten."},
	{"Huisvuil niet opgehaald", "Hele straat vergeten",
	 "De vuilniswagen is {wanneer} niet in de {straat} geweest. Alle zakken staan er nog."},
	{"Huisvuil niet opgehaald", "Zak opengereten",
	 "De zakken zijn niet meegenomen en nu hebben de katten alles opengetrokken. Wie ruimt dat "
	 "op?"},
	{"Huisvuil niet opgehaald", "Sticker op vuilniszak",
	 "Er hangt een sticker op onze zak dat hij fout is, maar er zit alleen restafval in. Wat "
	 "moet ik nu doen?"},
	{"PMD niet meegenomen", "Blauwe zak blijft staan",
	 "De blauwe zak in de {straat} {nr} is voor de {getal}e keer niet meegenomen."},
	{"PMD niet meegenomen", "PMD-kalender klopt niet",
	 "Volgens de kalender was het vandaag PMD in {stad} maar er is niemand geweest."},
	{"PMD niet meegenomen", "Waar blauwe zakken kopen?",
	 "In de winkel zijn de blauwe zakken op. Waar kan ik er nog krijgen?"},
	{"Sluikstort", "Sluikstort {straat}",
	 "Er zijn {wanneer} matrassen en een zetel gestort {plek} in de {straat}."},
	{"Sluikstort", "Autobanden in gracht",
	 "In de gracht langs de {straat} liggen zeker {getal} autobanden."},
	{"Sluikstort", "Vuilniszakken aan glasbol",
	 "Aan de glasbollen {plek} staan weer vuilniszakken. Er zit een brief met een naam in."},
	{"Sluikstort", "Zwerfvuil langs fietspad",
	 "Het fietspad naar {stad} ligt vol blikjes. Ik wil wel helpen oprapen, hebben jullie "
	 "grijpers?"},
	{"Glasbol vol", "Glasbol overvol",
	 "De glasbol {plek} zit {wanneer} vol. De flessen staan ernaast en er ligt glas op de "
	 "grond."},
	{"Glasbol vol", "Glasbol maakt lawaai",
	 "Mensen gooien om 6 uur 's morgens hun flessen in de glasbol in de {straat}. Kan die "
	 "verplaatst worden?"},
	{"Recyclagepark", "Openingsuren recyclagepark",
	 "Is het recyclagepark zaterdag na 12 uur open? Op de website staat iets anders dan op het "
	 "bord."},
	{"Recyclagepark", "Asbest wegbrengen",
	 "Wij hebben een oud dak van een kippenhok. Hoeveel platen asbest mag ik brengen en hoe "
	 "moet het ingepakt zijn?"},
	{"Recyclagepark", "Kaart geweigerd",
	 "Mijn identiteitskaart werd geweigerd aan het recyclagepark terwijl ik vorige week "
	 "verhuisd ben naar de {straat} {nr}."},
	{"Compostvat of afvalbak", "Compostvat bestellen",
	 "Kan ik bij jullie een compostvat kopen en wat kost dat?"},
	{"Compostvat of afvalbak", "Grotere gft-bak",
	 "We zijn nu met {getal} thuis en de gft-bak is te klein. Kunnen we een grotere krijgen?"},
	{"Grofvuil op afroep", "Grofvuil laten ophalen",
	 "Ik wil een afspraak voor grofvuil: een kast, twee matrassen en een fiets. Adres: "
	 "{straat} {nr}."},
	{"Grofvuil op afroep", "Grofvuil niet opgehaald",
	 "We hadden een afspraak voor grofvuil en alles staat nog op de stoep in de {straat}."},
	{"Overvolle vuilnisbak", "Vuilnisbak {plek} vol",
	 "De vuilnisbak {plek} loopt over en de vogels trekken alles eruit."},
	{"Overvolle vuilnisbak", "Hondenpoepbak vol",
	 "De bak voor hondenpoep in de {straat} is {wanneer} niet geleegd. De zakjes liggen "
	 "eronder."},
	{"Foutgeparkeerde wagens", "Auto op het voetpad",
	 "In de {straat} {nr} staat elke avond een auto op het voetpad. Met de rolstoel kan ik er "
	 "niet langs."},
	{"Foutgeparkeerde wagens", "Geparkeerd voor garage",
	 "Er staat een wagen voor onze garage in de {straat}. Ik moet naar mijn werk."},
	{"Foutgeparkeerde wagens", "Wrak op parking",
	 "Op de parking {plek} staat {wanneer} een auto zonder nummerplaat met platte banden."},
	{"Te snel verkeer", "Er wordt te hard gereden",
	 "In de {straat} is het zone 30 maar ze rijden er 70. Kan de politie eens komen meten?"},
	{"Te snel verkeer", "Sluipverkeer {straat}",
	 "Sinds de werken neemt iedereen de {straat}. {getal} vrachtwagens per uur, ik heb ze "
	 "geteld."},
	{"Te snel verkeer", "Verkeersdrempel gevraagd",
	 "Met een handtekeningenlijst van de hele {straat} vragen wij een verkeersdrempel {plek}."},
	{"Verkeersbord", "Verkeersbord omver", "Het bord {plek} in de {straat} ligt op de grond."},
	{"Verkeersbord", "Borden spreken elkaar tegen",
	 "In de {straat} staat links een parkeerverbod en rechts een blauwe zone. Wat geldt nu?"},
	{"Verkeersbord", "Spiegel gedraaid",
	 "De verkeersspiegel {plek} staat {wanneer} verkeerd. Uitrijden uit de {straat} is "
	 "gokken."},
	{"Bewonerskaart", "Bewonerskaart nieuwe wagen",
	 "Wij hebben een andere auto. Hoe pas ik mijn bewonerskaart voor de {straat} aan?"},
	{"Bewonerskaart", "Bewonerskaart bij leasing",
	 "Mijn auto staat op naam van de leasemaatschappij. Kan ik toch een bewonerskaart "
	 "krijgen?"},
	{"Bewonerskaart", "Kaart voor thuisverpleging",
	 "De verpleegster van mijn vader krijgt altijd een retributie in de {straat}. Bestaat daar "
	 "een kaart voor?"},
	{"Parkeerverbod voor verhuis", "Verhuis {straat} {nr}",
	 "Wij verhuizen volgende maand uit de {straat} {nr}. Ik wil graag drie plaatsen laten "
	 "vrijhouden."},
	{"Parkeerverbod voor verhuis", "Container plaatsen",
	 "Ik wil voor een verbouwing een container zetten op straat, {straat} {nr}, gedurende "
	 "{getal} dagen."},
	{"Parkeerverbod voor verhuis", "Borden niet geplaatst",
	 "Het parkeerverbod voor onze verhuis morgen is aangevraagd maar er staan nog geen borden "
	 "in de {straat}."},
	{"Fietsenstalling", "Fietswrakken aan station",
	 "De fietsenstalling aan het station staat vol wrakken. Er is geen plaats meer voor de "
	 "pendelaars."},
	{"Fietsenstalling", "Fiets gestolen uit fietskluis",
	 "Het slot van de fietskluis {plek} is stuk en mijn fiets is weg."},
	{"Schoolstraat", "Schoolstraat en bewoners",
	 "Wij wonen in de schoolstraat. Hoe geraak ik om 8.15 uur weg naar mijn werk?"},
	{"Schoolstraat", "Hek schoolstraat",
	 "Niemand zet nog het hek aan de school in de {straat}. De auto's rijden gewoon door "
	 "tussen de kinderen."},
	{"Omleiding en wegenwerken", "Hoe lang nog werken in {straat}?",
	 "Hoe lang duren de werken in de {straat} nog? Mijn klanten vinden de winkel niet meer."},
	{"Omleiding en wegenwerken", "Omleiding onduidelijk",
	 "Wie van {stad} komt rijdt zich vast in de {straat}. De borden van de omleiding wijzen in "
	 "een kring."},
	{"Omleiding en wegenwerken", "Bus rijdt niet door de straat",
	 "Door de werken stopt de bus niet meer in de {straat}. Waar is de tijdelijke halte?"},
	{"Parkeerretributie", "Retributie onterecht",
	 "Ik kreeg een retributie in de {straat} maar mijn parkeerschijf lag er. Ik heb een foto."},
	{"Parkeerretributie", "Twee retributies op een dag",
	 "Mag men op een dag twee keer een bon geven voor dezelfde wagen op dezelfde plaats?"},
	{"Parkeerretributie", "Aanmaning zonder eerste brief",
	 "Ik krijg een aanmaning van een gerechtsdeurwaarder maar de eerste brief heb ik nooit "
	 "gezien."},
	{"Identiteitskaart", "Kaart verloren",
	 "Ik ben {wanneer} mijn identiteitskaart kwijt. Wat moet ik doen en hoe snel kan ik een "
	 "nieuwe hebben?"},
	{"Identiteitskaart", "Pincode vergeten",
	 "Mijn vader weet zijn pincode niet meer en wil zijn belastingen invullen. Kunnen jullie "
	 "een nieuwe maken?"},
	{"Identiteitskaart", "Kids-ID voor vakantie",
	 "Wij vertrekken binnen {getal} dagen naar Frankrijk en merken nu dat de Kids-ID vervallen "
	 "is."},
	{"Identiteitskaart", "Uitnodiging nieuwe kaart",
	 "Ik kreeg een brief dat mijn kaart vervalt. Moet ik een afspraak maken en een foto "
	 "meebrengen?"},
	{"Reispas", "Reispas dringend",
	 "Ik moet voor het werk dringend naar het buitenland. Hoe snel kan een reispas met spoed?"},
	{"Reispas", "Reispas voor kinderen",
	 "Moeten beide ouders meekomen voor een reispas van een kind van {getal} jaar? We zijn "
	 "gescheiden."},
	{"Reispas", "Mag iemand anders reispas afhalen?",
	 "Mijn reispas ligt klaar maar ik geraak niet tot bij jullie. Mag mijn zus hem afhalen?"},
	{"Rijbewijs", "Rijbewijs omwisselen",
	 "Ik heb een Oekraïens rijbewijs. Hoe kan ik dat hier omwisselen?"},
	{"Rijbewijs", "Voorlopig rijbewijs",
	 "Mijn dochter is geslaagd voor het theoretisch examen. Kan ze haar voorlopig rijbewijs "
	 "zonder afspraak halen?"},
	{"Rijbewijs", "Internationaal rijbewijs",
	 "Wat kost een internationaal rijbewijs en hoe lang blijft het geldig?"},
	{"Adreswijziging", "Verhuis naar {stad}",
	 "Wij zijn verhuisd naar de {straat} {nr} in {stad}. Hoe geef ik dit door voor het hele "
	 "gezin?"},
	{"Adreswijziging", "Wijkagent niet langs geweest",
	 "Ik heb {getal} weken geleden mijn adreswijziging doorgegeven en de wijkagent is nog niet "
	 "geweest."},
	{"Adreswijziging", "Vorige bewoner nog ingeschreven",
	 "Op ons adres {straat} {nr} komt nog altijd post van deurwaarders voor de vorige "
	 "bewoner."},
	{"Uittreksel strafregister", "Uittreksel voor werk met jongeren",
	 "Voor de chiro heb ik een uittreksel model 596.2 nodig. Kan dat online?"},
	{"Uittreksel strafregister", "Uittreksel niet ontvangen",
	 "Ik vroeg {wanneer} een uittreksel aan maar kreeg nog niets in de mailbox."},
	{"Akte aanvragen", "Geboorteakte nodig",
	 "Voor mijn huwelijk in het buitenland heb ik een internationale geboorteakte nodig. Wat "
	 "kost dat?"},
	{"Akte aanvragen", "Overlijdensakte voor notaris",
	 "De notaris vraagt een overlijdensakte van mijn vader. Hij is in {stad} overleden."},
	{"Huwelijk en samenwonen", "Datum voor huwelijk",
	 "Wij willen volgend jaar trouwen. Zijn er nog zaterdagen vrij en hoeveel mensen mogen in "
	 "de trouwzaal?"},
	{"Huwelijk en samenwonen", "Wettelijk samenwonen stopzetten",
	 "Hoe zet ik een wettelijke samenwoning stop als de andere partij niet wil tekenen?"},
	{"Geboorte en erkenning", "Baby aangeven",
	 "Ons kindje is {wanneer} geboren in Roeselare. Binnen hoeveel dagen moeten we de geboorte "
	 "aangeven?"},
	{"Geboorte en erkenning", "Erkenning voor de geboorte",
	 "We zijn niet getrouwd. Kan ik ons kind al voor de geboorte erkennen en wat moet ik "
	 "meebrengen?"},
	{"Vreemdelingenzaken", "Verlenging verblijfskaart",
	 "Mijn kaart vervalt binnen {getal} weken. Ik krijg geen afspraak via de website."},
	{"Vreemdelingenzaken", "Gezinshereniging",
	 "Ik wil mijn echtgenote laten overkomen. Welke papieren hebben jullie van mij nodig?"},
	{"Vreemdelingenzaken", "Question sur mon dossier",
	 "Bonjour, j'habite {straat} {nr} depuis deux mois et je n'ai toujours pas reçu ma carte. "
	 "Est-ce que quelqu'un parle français ?"},
	{"Omgevingsvergunning", "Vergunning voor carport",
	 "Heb ik een vergunning nodig voor een carport van {getal} m² naast mijn woning in de "
	 "{straat}?"},
	{"Omgevingsvergunning", "Stand van mijn dossier",
	 "Hoe ver staat mijn aanvraag voor de verbouwing in de {straat} {nr}? Mijn aannemer wil "
	 "weten wanneer hij kan starten."},
	{"Omgevingsvergunning", "Bezwaar tegen appartementen",
	 "Er hangt een geel bord in de {straat}. Hoe kan ik het plan inkijken en bezwaar "
	 "indienen?"},
	{"Bouwmisdrijf melden", "Bouwen zonder vergunning?",
	 "Mijn buur in de {straat} {nr} bouwt een bijgebouw tot tegen de perceelsgrens. Is daar "
	 "een vergunning voor?"},
	{"Bouwmisdrijf melden", "Voortuin verhard",
	 "In de {straat} worden overal voortuinen vol beton gegoten. Mag dat zomaar?"},
	{"Geluidshinder", "Nachtlawaai café",
	 "De muziek van het café in de {straat} staat tot 4 uur 's nachts te luid. Wij kunnen niet "
	 "slapen."},
	{"Geluidshinder", "Warmtepomp buren",
	 "De warmtepomp van de buren bromt {wanneer} de hele nacht. Wat zijn de normen?"},
	{"Geluidshinder", "Blaffende honden",
	 "De honden van {straat} {nr} blaffen de hele dag als de eigenaars weg zijn."},
	{"Geurhinder", "Stank van stookton",
	 "Iemand in de {straat} verbrandt elke avond afval in een ton. De was ruikt naar "
	 "plastiek."},
	{"Geurhinder", "Mestgeur",
	 "Het stinkt in heel {stad} naar mest, ook op zondag. Mag men dan uitrijden?"},
	{"Premie voor isolatie", "Premie dakisolatie",
	 "Wij laten het dak isoleren. Geeft de stad boven op de premie van Vlaanderen nog iets?"},
	{"Premie voor isolatie", "Premie nog niet gestort",
	 "De premie voor mijn nieuwe ramen is {getal} maanden geleden goedgekeurd maar nog niet "
	 "betaald."},
	{"Leegstand", "Leegstaand huis",
	 "Het huis {straat} {nr} staat al jaren leeg. De ramen zijn kapot en er zitten ratten."},
	{"Leegstand", "Bezwaar leegstandsheffing",
	 "Ik kreeg een brief over leegstand maar wij zijn aan het verbouwen. Hoe dien ik bezwaar "
	 "in?"},
	{"Leefloon en steun", "Elektriciteitsfactuur te hoog",
	 "Ik kan mijn afrekening van {getal}00 euro niet in een keer betalen. Kan iemand mij "
	 "helpen?"},
	{"Leefloon en steun", "Afspraak maatschappelijk werker",
	 "Ik wil graag een gesprek over een leefloon. Wanneer kan ik langskomen?"},
	{"Minder mobiel vervoer", "Rit naar ziekenhuis",
	 "Mijn man moet donderdag naar het ziekenhuis in Roeselare en wij hebben geen wagen. Kan "
	 "iemand rijden?"},
	{"Minder mobiel vervoer", "Lid worden minder mobielen",
	 "Hoe word ik lid van de minder mobielen centrale en wat kost een rit?"},
	{"Poetshulp en maaltijden", "Maaltijden aan huis",
	 "Mijn moeder (89) komt uit het ziekenhuis. Kunnen er warme maaltijden gebracht worden in "
	 "de {straat}?"},
	{"Poetshulp en maaltijden", "Poetshulp komt niet",
	 "De poetshulp is vandaag niet gekomen en ik krijg niemand aan de lijn."},
	{"Huurwaarborg en woning", "Schimmel in huurwoning",
	 "In onze huurwoning in de {straat} staat de muur vol schimmel. De eigenaar doet niets."},
	{"Huurwaarborg en woning", "Huurwaarborg voorschot",
	 "Kan het Sociaal Huis de waarborg voorschieten? Ik kan een appartement huren vanaf de "
	 "eerste."},
	{"Zaal huren", "Zaal vrij in oktober?",
	 "Is de zaal nog vrij voor een communiefeest voor {getal}0 personen? Mag er eigen drank "
	 "binnen?"},
	{"Zaal huren", "Sleutel van de zaal",
	 "Waar kunnen we vrijdag de sleutel van de zaal halen? Op het contract staat niets."},
	{"Zaal huren", "Waarborg zaal terug",
	 "Wij huurden {wanneer} de zaal en kregen de waarborg nog niet terug."},
	{"Vakantiekampen", "Inschrijven sportkamp",
	 "Het sportkamp van juli is volzet. Is er een wachtlijst?"},
	{"Vakantiekampen", "Fiscaal attest kampen",
	 "Ik ontving nog geen fiscaal attest voor de kampen van vorig jaar van mijn {getal} "
	 "kinderen."},
	{"Vakantiekampen", "Kind met allergie",
	 "Onze zoon heeft een notenallergie. Kan hij mee op het kookkamp?"},
	{"Bibliotheek", "Boek verloren",
	 "Wij vinden een boek van de bib niet meer. Wat moeten we betalen?"},
	{"Bibliotheek", "Uren bib tijdens vakantie",
	 "Is de bibliotheek open tijdens de kerstvakantie en kan ik online verlengen?"},
	{"Zwembad en sporthal", "Tienbeurtenkaart",
	 "Mijn tienbeurtenkaart van het zwembad is vervallen tijdens mijn ziekte. Kan die verlengd "
	 "worden?"},
	{"Zwembad en sporthal", "Douches koud",
	 "De douches in de sporthal zijn {wanneer} ijskoud. De kinderen van de turnclub klagen."},
	{"Evenement aanvragen", "Straatfeest {straat}",
	 "Met de bewoners van de {straat} willen we een straatfeest houden. Hoe vragen we dat aan "
	 "en krijgen we nadarhekken?"},
	{"Evenement aanvragen", "Rommelmarkt",
	 "{naam} wil een rommelmarkt organiseren met zowat {getal}0 standen. Wat hebben we nodig?"},
	{"Evenement aanvragen", "Vergunning kermiskoers",
	 "Voor de kermiskoers in {stad} moeten {getal} straten afgesloten worden. Wanneer moet de "
	 "aanvraag binnen zijn?"},
	{"Kinderopvang", "Plaats in de crèche",
	 "Wij zoeken opvang voor onze baby vanaf maart, {getal} dagen per week. Zijn er nog "
	 "plaatsen?"},
	{"Kinderopvang", "Factuur opvang klopt niet",
	 "Op de factuur van de buitenschoolse opvang staan dagen dat ons kind ziek was."},
	{"Markt en kermis", "Standplaats op de markt",
	 "Ik verkoop kaas en wil graag een vaste plaats op de markt. Is er een wachtlijst?"},
	{"Markt en kermis", "Kermis voor de deur",
	 "Tijdens de kermis kan ik met mijn wagen niet uit de {straat}. Kan ik een doorgangsbewijs "
	 "krijgen?"},
	{"Belastingen en facturen", "Factuur dubbel betaald",
	 "Ik heb de factuur per vergissing twee keer betaald. Hoe krijg ik het geld terug?"},
	{"Belastingen en facturen", "Afbetaling milieubelasting",
	 "Kan ik de belasting in {getal} keer betalen? Ik heb een klein pensioen."},
	{"Belastingen en facturen", "Aanslagbiljet overleden moeder",
	 "Wij krijgen nog een aanslagbiljet op naam van onze overleden moeder, {straat} {nr}."},
	{"Openbaarheid van bestuur", "Inzage verslag",
	 "Graag een kopie van het verslag en de offertes van de heraanleg van de {straat}, op "
	 "grond van het Bestuursdecreet."},
	{"Openbaarheid van bestuur", "Inzage bouwdossier buren",
	 "Ik wens het volledige dossier van {straat} {nr} in te kijken, met de adviezen."},
	{"Klacht over dienstverlening", "Lang wachten aan balie",
	 "Ik had een afspraak om 9 uur en werd pas om 10.15 uur geholpen. Niemand zei iets."},
	{"Klacht over dienstverlening", "Onvriendelijk aan telefoon",
	 "Toen ik belde over mijn dossier werd er zomaar ingelegd. Dat is niet hoe je met mensen "
	 "omgaat."},
	{"Klacht over dienstverlening", "Geen antwoord gekregen",
	 "Ik schreef {getal} weken geleden een brief over de {straat} en kreeg nog altijd geen "
	 "antwoord."},
	{"Website en e-loket", "Formulier werkt niet",
	 "Als ik op verzenden druk in het e-loket krijg ik een leeg scherm. Met twee browsers "
	 "geprobeerd."},
	{"Website en e-loket", "Afspraak niet bevestigd",
	 "Ik maakte {wanneer} online een afspraak maar kreeg geen bevestiging. Staat ze nu vast?"},
	{"Website en e-loket", "Aanmelden met itsme lukt niet",
	 "Aanmelden met itsme geeft foutcode {getal}04. Ik wil mijn aanvraag bekijken."},
	{"Algemene vraag", "Wie moet ik hiervoor hebben?",
	 "Ik weet niet bij welke dienst ik moet zijn. Het gaat over {straat} {nr}. Kunt u mij "
	 "terugbellen?"},
	{"Algemene vraag", "Openingsuren stadhuis",
	 "Zijn jullie open op de brugdag en kan ik zonder afspraak langskomen?"},
	{"Algemene vraag", "Verloren sleutels",
	 "Ik verloor {wanneer} een sleutelbos met een rood lint {plek}. Heeft iemand die "
	 "binnengebracht?"},
	{"Algemene vraag", "Bedankt!",
	 "Gewoon een woordje van dank voor de mensen die {wanneer} de {straat} zo proper gemaakt "
	 "hebben."},
	{"Algemene vraag", "Duiven op het dak",
	 "Het zit hier vol duiven {plek}. Doet de stad daar iets aan?"},
	{"Algemene vraag", "Ratten gezien",
	 "Wij zagen {wanneer} {getal} ratten in de {straat}. Komt daar iemand voor?"},
};
const size_t seed_text_count = COUNT(seed_texts);
