import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const logistics: readonly CatalogueRole[] = [
  {
    role: "Logistics Coordinator",
    aliases: ["Logistics Specialist", "Logistics Manager", "Freight Forwarder", "Shipping Clerk", "Transport Planner"],
    workloads: [
      auto("Book and document transport", 0.45, 0.3, "Consignments have the same fields."),
      auto("Plan routes and loads", 0.6, 0.2, "Solvers know distances; docks have habits."),
      auto("Track and inform", 0.3, 0.15, "Positions arrive by themselves."),
      person("Repair broken plans", 0.8, 0.2, "Strikes and storms are settled by telephone."),
      person("Haggle with carriers", 0.75, 0.15, "Space is given to those one knows."),
    ],
  },
  {
    role: "Supply Chain Planner",
    aliases: ["Demand Planner", "Supply Planner", "Supply Chain Analyst", "Supply Chain Manager", "Inventory Planner"],
    workloads: [
      auto("Forecast demand", 0.6, 0.25, "History and calendars, judged by the error."),
      auto("Set orders and stock levels", 0.55, 0.25, "Formulas with service targets."),
      auto("Clean master data", 0.4, 0.1, "Implausible values stand out."),
      person("Agree on one plan", 0.85, 0.2, "Sales and production want different things."),
      person("Ration in shortage", 0.85, 0.2, "Who goes short is a decision to be owned."),
    ],
  },
  {
    role: "Warehouse Worker",
    aliases: ["Warehouse Operative", "Warehouse Associate", "Picker", "Picker Packer", "Stock Clerk", "Order Picker"],
    workloads: [
      auto("Move goods on fixed ways", 0.7, 0.25, "Shuttles do it where the hall was built for them."),
      auto("Book and count stock", 0.3, 0.15, "Codes and scales."),
      auto("Sort parcels", 0.55, 0.1, "Belts and readers, apart from odd shapes."),
      person("Pick and pack mixed goods", 0.4, 0.35, "Grip and care vary with each piece."),
      person("Load and clear jams", 0.45, 0.15, "Hands and a quick eye."),
    ],
  },
  {
    role: "Forklift Operator",
    aliases: ["Forklift Driver", "Materials Handler"],
    workloads: [
      auto("Move pallets on known ways", 0.75, 0.4, "Driverless trucks do, given a mapped hall."),
      auto("Confirm moves", 0.15, 0.1, "A scan at either end."),
      person("Load vehicles", 0.6, 0.3, "Every trailer is different, and people walk by."),
      person("Inspect the truck and the load", 0.5, 0.2, "A licensed driver is responsible."),
    ],
  },
  {
    role: "Truck Driver",
    aliases: ["Lorry Driver", "HGV Driver", "Long Haul Driver", "Driver"],
    workloads: [
      auto("Drive on motorways", 0.95, 0.35, "Ordered traffic, but rare events kill."),
      auto("Plan the route and breaks", 0.4, 0.05, "Maps, hours and law."),
      auto("Keep freight papers and logs", 0.3, 0.1, "Recorded by the vehicle and the order."),
      person("Drive in towns and yards", 0.8, 0.25, "Gestures, tight corners and a liable driver."),
      person("Load, secure, hand over", 0.5, 0.25, "Straps, tail lifts and a signature."),
    ],
  },
  {
    role: "Delivery Courier",
    aliases: ["Courier", "Delivery Driver", "Postal Worker", "Mail Carrier", "Postman"],
    workloads: [
      auto("Plan the tour", 0.4, 0.05, "Addresses and time windows."),
      auto("Notify and record deliveries", 0.2, 0.1, "A scan starts a message."),
      auto("Sort the load", 0.5, 0.1, "Machine-read addresses, odd shapes aside."),
      person("Drive and walk the tour", 0.5, 0.5, "Stairs, dogs and double parking."),
      person("Hand over and find alternatives", 0.4, 0.25, "Doors are opened to people."),
    ],
  },
  {
    role: "Dispatcher",
    aliases: ["Fleet Dispatcher", "Fleet Manager"],
    workloads: [
      auto("Assign jobs", 0.55, 0.3, "Nearest fit under rules, recomputed all the time."),
      auto("Track vehicles and times", 0.25, 0.2, "Positions and clocks."),
      auto("Record and bill trips", 0.35, 0.15, "Start, end, tariff."),
      person("Talk drivers through trouble", 0.7, 0.2, "A steady voice on the line."),
      person("Decide in emergencies", 0.85, 0.15, "Someone is accountable for who waits."),
    ],
  },
  {
    role: "Customs Broker",
    aliases: ["Customs Agent", "Customs Specialist", "Import Export Specialist"],
    workloads: [
      auto("Classify goods", 0.65, 0.25, "A long tariff; a wrong code is fined."),
      auto("File declarations", 0.45, 0.3, "Electronic forms fed from invoices."),
      auto("Work out duties", 0.4, 0.1, "Rates and origins."),
      person("Answer customs officers", 0.75, 0.2, "Doubt is cleared by a licensed declarant."),
      person("Advise on trade rules", 0.85, 0.15, "Sanctions carry personal liability."),
    ],
  },
];
