/* The handlers, one file a resource. */
#pragma once
#include "parts.h"

route_fn route_health, route_openapi;
route_fn route_login, route_logout, route_me;
route_fn route_actions;
route_fn route_changes, route_snapshot;
route_fn route_tickets, route_ticket, route_ticket_by_number, route_timeline;
route_fn route_teams, route_agents, route_topics, route_templates, route_mailboxes, route_parties,
	route_contacts;
route_fn route_upload;
route_fn route_team, route_agent, route_topic, route_template, route_mailbox, route_party,
	route_contact;
route_fn route_raw, route_attachment;
route_fn route_presence, route_agent_password;
route_fn route_party_search, route_card;
