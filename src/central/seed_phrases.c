/* Sentences around what citizens ask, and what the town answers. */
#include "seed.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WORDS(name, ...) \
	static const char *const name##_items[] = {__VA_ARGS__}; \
	const struct seed_words seed_##name = {name##_items, COUNT(name##_items)}

WORDS(greetings, "Beste,", "Dag,", "Goeiedag,", "Geachte mevrouw, meneer,", "Hallo,",
      "Goedemorgen,", "Geachte,", "Goedenavond,", "Beste stadsbestuur,", "Dag iedereen,");
WORDS(extras, "Ik heb er ook een foto van, als u die wil.",
      "Dit is al de {getal}e keer dat ik het meld.", "U kunt mij bellen na 17 uur.",
      "Ik ben thuis elke voormiddag.", "De buren vragen hetzelfde.",
      "Vorig jaar was het net hetzelfde.", "Graag een antwoord, want ik moet het doorgeven.",
      "Mijn vorige mail bleef zonder antwoord.", "Alvast bedankt om er werk van te maken.",
      "Het is niet dringend, maar wel vervelend.",
      "Er zou toch iets kunnen gebeuren met de kinderen.", "Mijn adres is {straat} {nr}, {stad}.",
      "Ik spreek niet zo goed Nederlands, excuseer voor de fouten.",
      "Mijn telefoon staat onderaan.", "Wie betaalt de schade?",
      "Kan ik dit ook opvolgen via de website?");
WORDS(closings, "Met vriendelijke groeten,\n{naam}", "Mvg\n{naam}", "Groeten,\n{naam}",
      "Hoogachtend,\n{naam}", "Dank u wel!\n{naam}",
      "Vriendelijke groet\n{naam}\n{straat} {nr}\n{stad}", "{naam}",
      "Met dank bij voorbaat,\n{naam}", "Verzonden vanaf mijn iPhone");
WORDS(answers_done,
      "Bedankt voor uw melding. Onze ploeg is ter plaatse geweest en alles is in orde gebracht.",
      "Dank u voor uw bericht. Het werd {wanneer} hersteld. Merkt u nog iets op, laat het ons "
      "gerust weten.",
      "We hebben uw vraag nagekeken. U kunt zonder afspraak langskomen op weekdagen tussen 9 en 12 "
      "uur.",
      "Uw aanvraag is goedgekeurd. De bevestiging vindt u in bijlage van onze volgende mail.",
      "We hebben de aannemer aangesproken en de werken zijn ondertussen uitgevoerd.",
      "Goed nieuws: uw dossier is volledig en wordt deze week afgewerkt.",
      "We gaven uw melding door aan de bevoegde dienst. Zij laten ons weten dat het opgelost is.",
      "Na controle ter plaatse stelden we niets meer vast. We sluiten deze melding af.",
      "U kunt dit regelen via het e-loket op onze website. Lukt het niet, bel ons dan.",
      "De terugbetaling is in orde. U ontvangt het bedrag binnen de {getal} werkdagen.",
      "Het klopt dat dit mis is gelopen. Onze excuses daarvoor; het is nu rechtgezet.",
      "De dienst is langs geweest in de {straat}. De gevaarlijke situatie is weggewerkt.",
      "Uw kaart ligt klaar aan de balie. Breng uw oude kaart en de brief met de codes mee.",
      "Dit valt onder het gewest. We hebben uw melding daar ingediend en volgen ze op.");
WORDS(answers_more,
      "Bedankt voor uw melding. We gaven ze door aan de ploeg; u hoort van ons zodra er een datum "
      "is.",
      "Kunt u ons nog het huisnummer of een foto bezorgen? Dan vinden we de plaats sneller.",
      "We hebben uw vraag goed ontvangen en doorgegeven aan de collega's.",
      "Voor deze aanvraag hebben we nog een kopie van uw contract nodig.",
      "De werken zijn gepland binnen {getal} weken, als het weer meezit.",
      "We wachten op het antwoord van de nutsmaatschappij en houden u op de hoogte.",
      "Er is een controle gevraagd aan de politie. Dat kan even duren.");
WORDS(followups, "Bedankt voor het snelle antwoord!",
      "Er is nog altijd niets gebeurd. Kunt u nog eens navragen?",
      "In bijlage vindt u de gevraagde foto.", "Het huisnummer is {nr}, aan de kant van de school.",
      "Intussen is het nog erger geworden.", "Prima, het is in orde. Merci.",
      "Wanneer mag ik een antwoord verwachten?", "Ik heb net gezien dat ze bezig zijn, bedankt.",
      "Dat is niet wat ik vroeg. Ik wil weten wie de schade betaalt.",
      "Ik kan volgende week niet, wel de week daarna.",
      "Mijn nummer is veranderd, gelieve te mailen.");
WORDS(notes, "Teruggebeld, voicemail ingesproken.",
      "Foto's staan op de gedeelde map van de dienst.",
      "Zelfde melding als vorige maand, zelfde plaats.", "Ploeg Zuid gaat morgen langs.",
      "Meneer is slechthorend: liever mailen.",
      "Bestek gevraagd bij de aannemer, wachten op prijs.", "Besproken op de weekvergadering.",
      "Let op: mevrouw belde vandaag al {getal} keer.",
      "Is gewestweg tot aan het kruispunt, daarna van ons.", "Dossier opgezocht in het archief.",
      "Schepen is op de hoogte.", "Afspraak gemaakt voor donderdag 10 uur.",
      "Materiaal is besteld, levering binnen {getal} weken.",
      "Nagekeken op de kaart: perceel van de kerkfabriek.",
      "Burger was vriendelijk, wil geen antwoord meer.",
      "Verzekering verwittigd, schadedossier geopend.");
WORDS(handovers, "Is voor jullie dienst", "Gewestweg, niet van ons", "Dringend, graag vandaag nog",
      "Verkeerd onderwerp gekozen", "Collega is met verlof", "Graag ter plaatse gaan kijken",
      "Politie moet eerst vaststellen", "Hoort bij het dossier van vorige week",
      "Nutsleiding, voor de netbeheerder");
WORDS(phone_lines, "Belde over", "Komt aan de balie voor", "Vraagt inlichtingen over",
      "Meldt telefonisch", "Is erg ongerust over", "Wil weten hoe het staat met");
