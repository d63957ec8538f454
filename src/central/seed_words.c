/* Names, places, teams and people of the invented town. All of it is made up or common. */
#include "seed.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WORDS(name, ...)                                                  \
	static const char *const name##_items[] = {__VA_ARGS__};          \
	const struct seed_words seed_##name = {name##_items, COUNT(name##_items)}

WORDS(women, "Lieselot", "An", "Emma", "Marie", "Lotte", "Julie", "Sofie", "Elke", "Katrien", "Greet",
      "Hilde", "Ingrid", "Martine", "Nele", "Febe", "Amber", "Noor", "Elise", "Laura", "Charlotte",
      "Fatima", "Aïcha", "Yasmina", "Zeynep", "Elif", "Thị Lan", "Mai", "María", "Inés", "Chloë",
      "Zoë", "Anaïs", "Renée", "Godelieve", "Maria", "Rita", "Christiane", "Jeannine", "Simonne",
      "Paula", "Agnes", "Monique", "Rosa", "Annelies", "Liesbeth", "Veerle", "Tine", "Evi", "Kimberly",
      "Shana", "Olena", "Svitlana", "Amina", "Hawa", "Mariam", "Agnieszka", "Ewa", "Ilse", "Sabine",
      "Sandra", "Nancy", "Kelly", "Joke", "Hannelore", "Margot", "Camille", "Fleur", "Juliette",
      "Nora", "Olivia", "Mila", "Louise", "Ella", "Anna");
WORDS(men, "Jan", "Piet", "Bart", "Wouter", "Koen", "Tom", "Pieter-Jan", "Jef", "Jozef", "Luc", "Marc",
      "Dirk", "Johan", "Filip", "Kristof", "Stijn", "Bram", "Senne", "Arthur", "Noah", "Liam", "Lars",
      "Mats", "Mohamed", "Youssef", "Bilal", "Mehmet", "Emre", "Văn Minh", "Quang", "José", "Andrés",
      "Loïc", "Jérôme", "René", "André", "Roger", "Willy", "Etienne", "Gilbert", "Antoon", "Norbert",
      "Geert", "Hendrik", "Frederik", "Jeroen", "Thijs", "Ruben", "Jelle", "Dries", "Robbe", "Oleksandr",
      "Ibrahim", "Mamadou", "Omar", "Tomasz", "Krzysztof", "Danny", "Rudy", "Patrick", "Eddy", "Kevin",
      "Davy", "Nick", "Yves", "Xavier", "Victor", "Jules", "Louis", "Adam", "Finn", "Lucas", "Gust");
WORDS(families, "Van den Broeck", "D'Hondt", "Dewaele", "Vandecasteele", "Aït Ouali", "Yıldız", "Nguyễn",
      "Núñez", "Peeters", "Janssens", "Maes", "Claes", "Wouters", "De Smet", "De Smedt", "Desmet",
      "Vandenbroucke", "Vandewalle", "Verhaeghe", "Declercq", "De Clercq", "Deceuninck", "Vanhoutte",
      "Van Houtte", "Callewaert", "Devos", "De Vos", "Dejonghe", "Lefevere", "Lefèvre", "Bossuyt",
      "Vanneste", "Vermeulen", "Vermeersch", "Vandenberghe", "Van den Berghe", "Van de Velde",
      "Vandevelde", "Van der Auwera", "Van der Meersch", "Debruyne", "De Bruyne", "Decock", "Dekeyser",
      "De Keyser", "Coussement", "Ampe", "Vansteenkiste", "Werbrouck", "Pattyn", "Parmentier",
      "Strobbe", "Verbeke", "Lambrecht", "Ghyselen", "Naessens", "Hoornaert", "Samyn", "Stragier",
      "Demeulenaere", "Muylle", "Rommel", "Sercu", "Huyghe", "Delaere", "Depoorter", "Vanhaverbeke",
      "Loosveldt", "Lagae", "Vandemaele", "Vanlerberghe", "Windels", "'t Jampens", "T'Kindt", "El Amrani",
      "Benali", "Öztürk", "Demir", "Şahin", "Kaya", "Trần", "Phạm", "Lê", "García Pérez", "Muñoz",
      "Ionescu", "Popescu", "Kowalski", "Wiśniewska", "Nowak", "Шевченко", "Kovalenko", "Diallo",
      "Traoré", "N'Diaye", "Özdemir", "Müller", "Schröder", "Dubois", "Lejeune", "Leclercq", "Brandão",
      "Szabó", "Novák", "Haile", "Abdi", "Al-Masri", "Rahimi", "Singh", "De Backer", "De Pauw",
      "Goossens", "Willems", "Jacobs", "Mertens", "Hermans", "Van Damme", "Van Acker", "Vanackere",
      "De Wulf", "Dewulf", "Blomme", "Carlier", "Holvoet", "Tanghe", "Taillieu", "Bulcke", "Maertens",
      "Geldhof", "Viaene", "Denys", "Vierstraete", "Wyffels", "Buyse", "Roose");
WORDS(streets, "Marktstraat", "Kerkstraat", "Stationsstraat", "Gentsestraat", "Brugstraat",
      "Roeselaarsestraat", "Meensesteenweg", "Ingelmunstersestraat", "Dweersstraat", "Nieuwstraat",
      "Molenstraat", "Kasteelstraat", "Sint-Jorisstraat", "Kouterweg", "Wolvenstraat", "Papestraat",
      "Abelestraat", "Lindelaan", "Eikendreef", "Populierenlaan", "Prins Albertlaan", "Leenstraat",
      "Hondekensmolenstraat", "Kachtemsestraat", "Heyestraat", "Baronielaan", "Zuidkaai",
      "Vijfwegenstraat", "Ommegangstraat", "Wijngaardstraat", "Blauwhuisstraat", "Grote Markt",
      "Krekelstraat", "Slabbaardstraat", "Korenmarkt", "Manestraat", "Pieter Bruegelstraat",
      "Burgemeester Vandenbogaerdelaan", "Hugo Verrieststraat", "Guido Gezelleplein", "Rozenlaan",
      "Vlaskapellestraat", "Menenstraat", "Bellevuestraat", "Reperstraat", "Emelgemsestraat",
      "Lendeleedsestraat", "Mandelbeekstraat", "Aardappelstraat", "Sint-Tillostraat", "Kapellestraat",
      "Europalaan", "Tuinwijk", "Zevekote", "Groenestraat", "Hoogstraat", "Statiestraat",
      "Schoolstraat", "Ieperstraat", "Beukenlaan");
WORDS(clubs, "Harmonie Sint-Cecilia vzw", "KSA Emelgem", "Chiro Jonkheid", "Landelijke Gilde Kachtem",
      "FC De Mandel", "Wielerclub De Trappers", "Toneelkring Vreugd en Deugd", "Okra Bosmolens",
      "Volleybalclub Izegem", "Natuurpunt De Buizerd", "Buurtcomité Wolvenhof", "Ferm Heilig Hart",
      "Femma Centrum", "Scouts Sint-Tillo", "Judoschool Samoerai", "Fanfare De Eendracht",
      "Oudercomité De Ark", "Heemkundige Kring Ten Mandere", "Duivenmaatschappij De Snelle Vlucht",
      "Kookclub 't Pollepelke", "Zwemclub IZV", "Petanqueclub De Mikkers", "Feestcomité Bosmolens",
      "Davidsfonds Izegem", "Atletiekclub Flandria", "Repair Café De Tang", "Koor Cantate vzw",
      "Samana Izegem", "Schaakkring De Rochade", "Seniorenraad Izegem");
WORDS(trades, "Bakkerij", "Slagerij", "Garage", "Schrijnwerkerij", "Dakwerken", "Kapsalon", "Apotheek",
      "Brasserie", "Frituur", "Bloemen", "Tuinaanleg", "Elektro", "Loodgieterij", "Boekhandel",
      "Schoenen", "Borstelfabriek", "Transport", "Drukkerij", "Optiek", "Immo", "Accountancy",
      "Grondwerken", "Fietsen", "Traiteur", "Wasserij", "Architectenbureau");
WORDS(spots, "aan de kerk", "voor de school", "op de hoek met de Nieuwstraat", "aan het kruispunt",
      "naast de bushalte", "aan het speelplein", "voor de deur van het nummer {nr}",
      "tegenover de bakker", "ter hoogte van huisnummer {nr}", "aan de ingang van het park",
      "bij het zebrapad", "achter het station", "aan de brug", "op het fietspad",
      "naast de elektriciteitscabine", "aan de parking", "voor het rusthuis", "bij de glasbollen",
      "aan de rotonde", "in de bocht");
WORDS(when, "sinds maandag", "sinds vorige week", "al enkele weken", "sinds de storm",
      "sinds gisterenavond", "vanmorgen", "al meer dan een maand", "sinds het weekend",
      "sinds de werken", "deze nacht", "elke ochtend", "bijna elke avond", "sinds de kermis",
      "sinds vrijdag", "de laatste dagen");

const struct seed_place seed_places[] = {
	{"8870", "Izegem", 46},	     {"8870", "Kachtem", 6},	   {"8870", "Emelgem", 8},
	{"8800", "Roeselare", 10},   {"8770", "Ingelmunster", 7}, {"8750", "Wingene", 4},
	{"8850", "Ardooie", 4},	     {"8860", "Lendelede", 4},	   {"8840", "Staden", 2},
	{"8880", "Ledegem", 3},	     {"8830", "Hooglede", 2},	   {"8740", "Pittem", 2},
	{"8501", "Heule", 1},	     {"8780", "Oostrozebeke", 2},
};
const size_t seed_place_count = COUNT(seed_places);

const struct seed_team seed_teams[] = {
	{"Contactcenter", TEAM_INSIDE},	      {"Burgerzaken", TEAM_INSIDE},
	{"Wegen", TEAM_INSIDE},		      {"Groen", TEAM_INSIDE},
	{"Afval", TEAM_INSIDE},		      {"Mobiliteit", TEAM_INSIDE},
	{"Sociale dienst", TEAM_INSIDE},      {"IT-helpdesk", TEAM_INSIDE},
	{"Omgeving", TEAM_INSIDE},	      {"Vrije tijd", TEAM_INSIDE},
	{"Financiën", TEAM_INSIDE},	      {"Secretariaat", TEAM_INSIDE},
	{"Kinderopvang", TEAM_INSIDE},	      {"Lokale economie", TEAM_INSIDE},
	{"Politie", TEAM_OUTSIDE},	      {"Fluvius", TEAM_OUTSIDE},
	{"Intercommunale afval", TEAM_OUTSIDE}, {"Agentschap Wegen en Verkeer", TEAM_OUTSIDE},
};
const size_t seed_team_count = COUNT(seed_teams);

const struct seed_agent seed_agents[] = {
	{"an", "An Claes", 0, ROLE_AGENT},
	{"bart", "Bart Declercq", 2, ROLE_AGENT},
	{"sofie", "Sofie Vanhoutte", 0, ROLE_SUPERVISOR},
	{"admin", "Beheerder", 7, ROLE_ADMIN},
	{"lieselot", "Lieselot Van den Broeck", 0, ROLE_AGENT},
	{"jef", "Jef D'Hondt", 0, ROLE_AGENT},
	{"fatima", "Fatima Aït Ouali", 0, ROLE_AGENT},
	{"wouter", "Wouter Ampe", 0, ROLE_AGENT},
	{"katrien", "Katrien Vandewalle", 1, ROLE_AGENT},
	{"greet", "Greet Strobbe", 1, ROLE_AGENT},
	{"mehmet", "Mehmet Yıldız", 1, ROLE_AGENT},
	{"hilde", "Hilde Bossuyt", 1, ROLE_SUPERVISOR},
	{"koen", "Koen Verhaeghe", 2, ROLE_AGENT},
	{"dirk", "Dirk Callewaert", 2, ROLE_SUPERVISOR},
	{"stijn", "Stijn Pattyn", 2, ROLE_AGENT},
	{"nele", "Nele Vermeersch", 3, ROLE_AGENT},
	{"thijs", "Thijs Hoornaert", 3, ROLE_AGENT},
	{"geert", "Geert Samyn", 3, ROLE_SUPERVISOR},
	{"joke", "Joke Naessens", 4, ROLE_AGENT},
	{"youssef", "Youssef Benali", 4, ROLE_AGENT},
	{"ilse", "Ilse Dewaele", 4, ROLE_SUPERVISOR},
	{"tom", "Tom Lambrecht", 5, ROLE_AGENT},
	{"elke", "Elke Huyghe", 5, ROLE_SUPERVISOR},
	{"mai", "Mai Nguyễn", 6, ROLE_AGENT},
	{"veerle", "Veerle Demeulenaere", 6, ROLE_AGENT},
	{"sabine", "Sabine Lagae", 6, ROLE_SUPERVISOR},
	{"kevin", "Kevin Rommel", 7, ROLE_AGENT},
	{"loic", "Loïc Parmentier", 7, ROLE_SUPERVISOR},
	{"annelies", "Annelies Stragier", 8, ROLE_AGENT},
	{"filip", "Filip Vandecasteele", 8, ROLE_SUPERVISOR},
	{"ines", "Inés Núñez", 8, ROLE_AGENT},
	{"evi", "Evi Loosveldt", 9, ROLE_AGENT},
	{"bram", "Bram Coussement", 9, ROLE_SUPERVISOR},
	{"martine", "Martine Sercu", 10, ROLE_AGENT},
	{"luc", "Luc Muylle", 11, ROLE_SUPERVISOR},
	{"tine", "Tine Delaere", 12, ROLE_AGENT},
	{"liesbeth", "Liesbeth Vansteenkiste", 13, ROLE_AGENT},
	{"pz-onthaal", "Politie, onthaal", 14, ROLE_AGENT},
	{"fluvius-meldpunt", "Fluvius, meldpunt", 15, ROLE_AGENT},
	{"ica-planning", "Intercommunale, planning", 16, ROLE_AGENT},
	{"awv-district", "Wegen en Verkeer, district", 17, ROLE_AGENT},
};
const size_t seed_agent_count = COUNT(seed_agents);
