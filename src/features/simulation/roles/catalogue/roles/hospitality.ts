import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const hospitality: readonly CatalogueRole[] = [
  {
    role: "Cook",
    aliases: ["Chef", "Line Cook", "Kitchen Staff", "Head Chef"],
    workloads: [
      auto("Plan menus and orders", 0.5, 0.1, "Recipes, prices and past guests."),
      auto("Portion and heat standard dishes", 0.6, 0.15, "Programmed ovens, given prepared food."),
      auto("Keep hygiene records", 0.25, 0.05, "Temperatures and times."),
      person("Prepare and cook", 0.65, 0.5, "Ingredients differ; the tongue decides."),
      person("Clean and run the kitchen", 0.45, 0.2, "Heat, haste and hands."),
    ],
  },
  {
    role: "Waiter",
    aliases: ["Waitress", "Server", "Waiting Staff", "Bartender", "Barista"],
    workloads: [
      auto("Take orders and payment", 0.3, 0.25, "A menu and a total, on any screen."),
      auto("Manage reservations", 0.25, 0.05, "Tables and times."),
      person("Serve and clear", 0.35, 0.4, "Full trays between chairs."),
      person("Smooth complaints", 0.7, 0.1, "Charm, and a dessert on the house."),
      person("Host and advise guests", 0.6, 0.2, "They go out to be looked after."),
    ],
  },
  {
    role: "Hotel Receptionist",
    aliases: ["Hotel Clerk", "Night Auditor", "Concierge"],
    workloads: [
      auto("Check guests in and out", 0.3, 0.3, "Identity, card, key."),
      auto("Handle bookings and rates", 0.4, 0.2, "Demand and calendars."),
      auto("Close the day's accounts", 0.3, 0.1, "Sums that must agree."),
      person("Advise and welcome", 0.55, 0.25, "Hospitality is a person's gift."),
      person("Resolve trouble at night", 0.75, 0.15, "Alone in charge of a full house."),
    ],
  },
  {
    role: "Travel Agent",
    aliases: ["Travel Consultant", "Travel Manager", "Booking Agent"],
    workloads: [
      auto("Search and compare trips", 0.5, 0.3, "Structured offers; wishes are loose."),
      auto("Book and issue papers", 0.35, 0.25, "Names, dates and fares."),
      auto("Inform about changes", 0.25, 0.1, "Airlines send the facts."),
      person("Advise on special journeys", 0.75, 0.2, "Experience someone can ask about."),
      person("Rescue stranded travellers", 0.8, 0.15, "Persistence on their behalf."),
    ],
  },
];
