/* Texts to begin an answer with, of the invented town. */
#include "seed.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const struct seed_template seed_templates[] = {
	{"Ontvangstmelding", "nl", NULL,
	 "Beste {naam}\n\nWe kregen je melding {nummer} goed aan. Ze gaat over {onderwerp}.\n"
	 "Je krijgt een antwoord voor {termijn}.\n\nVriendelijke "
	 "groeten\n{medewerker}\n{dienst}\n"},
	{"In behandeling", "nl", NULL,
	 "Beste {naam}\n\nWe zijn met je melding {nummer} bezig. Je hoort van ons voor "
	 "{termijn}.\n\nVriendelijke groeten\n{medewerker}\n{dienst}\n"},
	{"Meer uitleg nodig", "nl", NULL,
	 "Beste {naam}\n\nOm je goed te helpen met {nummer} willen we nog iets weten:\n\n\n\n"
	 "Antwoord gewoon op dit bericht.\n\nVriendelijke groeten\n{medewerker}\n{dienst}\n"},
	{"Opgelost", "nl", NULL,
	 "Beste {naam}\n\nWat je ons meldde over {onderwerp} ({nummer}) is in orde gebracht.\n"
	 "Klopt dat niet? Laat het ons weten.\n\nVriendelijke groeten\n{medewerker}\n{dienst}\n"},
	{"Niet voor ons", "nl", NULL,
	 "Beste {naam}\n\nVoor {onderwerp} kunnen wij je niet helpen. Je kan hiervoor terecht "
	 "bij:\n\n\n\nVriendelijke groeten\n{medewerker}\n{dienst}\n"},
	{"Afspraak maken", "nl", NULL,
	 "Beste {naam}\n\nVoor {onderwerp} kom je best langs op afspraak. Maak je afspraak via de "
	 "website of bel ons.\nBreng je identiteitskaart mee.\n\nVriendelijke groeten\n"
	 "{medewerker}\n{dienst}\n"},
	{"Ophaling gemist", "nl", "Huisvuil niet opgehaald",
	 "Beste {naam}\n\nHet spijt ons dat je huisvuil niet werd opgehaald. We komen het alsnog "
	 "halen: laat het buiten staan.\n\nVriendelijke groeten\n{medewerker}\n{dienst}\n"},
	{"Lamp gemeld", "nl", "Straatverlichting defect",
	 "Beste {naam}\n\nDank je voor je melding {nummer}. We gaven de lamp door aan de "
	 "netbeheerder. Die herstelt ze meestal binnen tien dagen.\n\nVriendelijke groeten\n"
	 "{medewerker}\n{dienst}\n"},
	{"Accusé de réception", "fr", NULL,
	 "Bonjour {nom}\n\nNous avons bien reçu votre demande {numero} concernant {sujet}. Vous "
	 "recevrez une réponse avant le {delai}.\n\nCordialement\n{agent}\n{service}\n"},
	{"Receipt", "en", NULL,
	 "Dear {name}\n\nWe have received your request {number} about {topic}. You will have an "
	 "answer before {due}.\n\nKind regards\n{agent}\n{team}\n"},
	{"Eingangsbestätigung", "de", NULL,
	 "Guten Tag {name}\n\nWir haben Ihre Anfrage {nummer} zu {thema} erhalten. Sie bekommen "
	 "vor dem {frist} eine Antwort.\n\nMit freundlichen Grüßen\n{agent}\n{team}\n"},
};
const size_t seed_template_count = COUNT(seed_templates);
