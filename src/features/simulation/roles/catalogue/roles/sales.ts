import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const sales: readonly CatalogueRole[] = [
  {
    role: "Sales Representative",
    aliases: ["Sales", "Account Executive", "Salesperson", "Sales Executive", "Field Sales Representative"],
    workloads: [
      auto("Find and qualify leads", 0.6, 0.25, "Public data and past deals; a poor lead costs little."),
      auto("Offers and records", 0.5, 0.2, "Price lists and templates, checked on release."),
      person("Meet and persuade", 0.85, 0.35, "Buyers trust, or do not trust, a person."),
      person("Negotiate and close", 0.9, 0.2, "Concessions need authority and timing."),
    ],
  },
  {
    role: "Sales Development Representative",
    aliases: ["SDR", "Business Development Representative", "Inside Sales Representative", "Telemarketer"],
    workloads: [
      auto("Research prospects", 0.4, 0.25, "Names and facts from open sources."),
      auto("Write and send first messages", 0.5, 0.3, "Variants of a text, measured by replies."),
      auto("Log contacts and book meetings", 0.25, 0.15, "Fields and calendars."),
      person("Call and wake interest", 0.75, 0.25, "A stranger stays on the line for a voice."),
      person("Hand over to colleagues", 0.6, 0.05, "Nuance is told, not typed."),
    ],
  },
  {
    role: "Key Account Manager",
    aliases: ["Account Manager", "Client Manager", "Relationship Manager"],
    workloads: [
      auto("Report on accounts", 0.5, 0.2, "Turnover and orders are recorded."),
      auto("Prepare offers and renewals", 0.6, 0.2, "Last year's terms, changed in known places."),
      person("Keep up relations", 0.85, 0.3, "Years of meetings are the asset."),
      person("Solve trouble across departments", 0.8, 0.1, "Favours are asked among colleagues."),
      person("Negotiate yearly terms", 0.9, 0.2, "Large sums and a mandate."),
    ],
  },
  {
    role: "Sales Manager",
    aliases: ["Sales Director", "Head of Sales", "Regional Sales Manager"],
    workloads: [
      auto("Forecast and report", 0.6, 0.2, "Pipelines are tables; optimism can be calibrated."),
      auto("Plan territories and targets", 0.7, 0.1, "An optimisation with a few known limits."),
      person("Coach and lead the team", 0.85, 0.35, "People follow and learn from a person."),
      person("Join large deals", 0.9, 0.2, "Rank at the table is part of the offer."),
      person("Decide on prices and staff", 0.85, 0.15, "Authority that is answered for."),
    ],
  },
  {
    role: "Retail Sales Assistant",
    aliases: ["Shop Assistant", "Retail Salesperson", "Sales Clerk", "Store Associate"],
    workloads: [
      auto("Take payment", 0.25, 0.2, "Scan, sum, pay: machines do it beside the till."),
      auto("Count and order stock", 0.45, 0.15, "Sales tell what is missing, shrinkage does not."),
      person("Fill shelves and dress displays", 0.3, 0.25, "Mixed goods and narrow aisles need hands."),
      person("Handle returns and thefts", 0.7, 0.1, "Someone present decides and keeps calm."),
      person("Advise customers", 0.65, 0.3, "They came to the shop to ask and touch."),
    ],
  },
  {
    role: "Cashier",
    aliases: ["Checkout Operator", "Till Operator", "Ticket Clerk"],
    workloads: [
      auto("Register goods and take payment", 0.2, 0.6, "Codes and sums; customers can do it themselves."),
      auto("Balance the drawer", 0.15, 0.1, "Counted cash against a printed total."),
      person("Check age and help at machines", 0.4, 0.15, "Law and muddle ask for a person nearby."),
      person("Tidy and restock the checkout", 0.2, 0.15, "Small objects in changing places."),
    ],
  },
  {
    role: "Real Estate Agent",
    aliases: ["Estate Agent", "Realtor", "Property Agent", "Letting Agent"],
    workloads: [
      auto("Write and publish listings", 0.4, 0.2, "Photographs and facts in a known form."),
      auto("Value properties", 0.65, 0.15, "Comparable sales are recorded; condition is not."),
      auto("Prepare contracts and papers", 0.55, 0.15, "Standard forms, checked by others at signing."),
      person("Show properties", 0.5, 0.25, "Keys, rooms and questions on the spot."),
      person("Win owners and negotiate", 0.85, 0.25, "The largest deal of a life goes to a trusted face."),
    ],
  },
];
