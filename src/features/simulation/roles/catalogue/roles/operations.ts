import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const operations: readonly CatalogueRole[] = [
  {
    role: "Operations Manager",
    aliases: ["Operations Lead", "Operations Director", "Process Manager"],
    workloads: [
      auto("Follow key figures", 0.5, 0.2, "Measured by systems, with limits set."),
      auto("Plan capacity and shifts", 0.65, 0.2, "A puzzle with known rules and some unwritten ones."),
      person("Lead staff", 0.85, 0.25, "Authority and care are personal."),
      person("Decide when plans fail", 0.85, 0.2, "Quick trade-offs that someone owns."),
      person("Improve how work is done", 0.8, 0.15, "Change needs those who do the work."),
    ],
  },
  {
    role: "Project Manager",
    aliases: ["Programme Manager", "Program Manager", "IT Project Manager", "Scrum Master", "Project Coordinator"],
    workloads: [
      auto("Keep schedules and budgets", 0.5, 0.25, "Dependencies and actuals are recorded."),
      auto("Write minutes and reports", 0.45, 0.2, "Talks can be transcribed and sorted."),
      auto("Track risks and tasks", 0.55, 0.1, "Lists with owners and dates."),
      person("Get commitments", 0.85, 0.25, "People promise to people."),
      person("Solve conflicts and escalate", 0.85, 0.2, "Timing and tact, and a stand to take."),
    ],
  },
  {
    role: "Procurement Specialist",
    aliases: [
      "Buyer",
      "Purchasing Agent",
      "Purchaser",
      "Procurement Manager",
      "Purchasing Manager",
      "Sourcing Manager",
    ],
    workloads: [
      auto("Compare offers", 0.5, 0.25, "Prices and terms in columns; hidden costs lurk."),
      auto("Place and follow orders", 0.35, 0.25, "Quantities from stock, prices from contract."),
      auto("Watch suppliers and markets", 0.6, 0.15, "Deliveries and indices are figures."),
      person("Negotiate", 0.85, 0.2, "Pressure and favour between people."),
      person("Choose and visit suppliers", 0.8, 0.15, "Dependence is a risk somebody approves."),
    ],
  },
  {
    role: "Facilities Manager",
    aliases: ["Building Manager", "Property Manager", "Facility Manager"],
    workloads: [
      auto("Monitor building systems", 0.45, 0.2, "Sensors and set points."),
      auto("Schedule upkeep and contractors", 0.4, 0.2, "Intervals are known."),
      auto("Check bills and use of space", 0.4, 0.1, "Meters and contracts."),
      person("Inspect on site", 0.6, 0.25, "Damp, noise and wear are noticed by walking."),
      person("Answer for safety and emergencies", 0.8, 0.25, "Duties of the operator lie with a person."),
    ],
  },
  {
    role: "Quality Manager",
    aliases: ["Quality Assurance Manager", "Quality Engineer"],
    workloads: [
      auto("Evaluate quality data", 0.55, 0.25, "Statistics with agreed limits."),
      auto("Maintain documents and proofs", 0.45, 0.25, "Standards list what must exist."),
      auto("Follow up corrections", 0.35, 0.1, "Owner, date and evidence."),
      person("Audit processes", 0.8, 0.2, "Practice differs from paper, and one must look."),
      person("Stop or release", 0.9, 0.2, "Liability for what ships."),
    ],
  },
  {
    role: "Health and Safety Officer",
    aliases: ["Safety Officer", "HSE Manager", "Occupational Safety Specialist", "Safety Engineer"],
    workloads: [
      auto("Write risk assessments", 0.65, 0.2, "Known hazards per activity; gaps are dangerous."),
      auto("Record accidents and training", 0.35, 0.2, "Forms with legal contents."),
      person("Walk the site", 0.75, 0.3, "Hazards are seen, heard and smelt."),
      person("Instruct people", 0.65, 0.15, "Habits change through example."),
      person("Stop dangerous work", 0.85, 0.15, "Authority that cannot be a suggestion."),
    ],
  },
  {
    role: "Cleaner",
    aliases: ["Janitor", "Cleaning Staff", "Caretaker"],
    workloads: [
      auto("Clean large floors", 0.6, 0.2, "Machines keep lanes in open halls."),
      auto("Log rounds and supplies", 0.2, 0.05, "Sensors and tick boxes."),
      person("Clean rooms and sanitary areas", 0.3, 0.5, "Crowded, varied surfaces defeat machines."),
      person("Move and tidy furniture", 0.2, 0.15, "Strength and a sense of order on site."),
      person("Notice and report damage", 0.4, 0.1, "Only someone present sees it."),
    ],
  },
  {
    role: "Security Guard",
    aliases: ["Security Officer", "Watchman", "Gatekeeper"],
    workloads: [
      auto("Watch cameras and alarms", 0.5, 0.3, "Movement is detected; meaning less so."),
      auto("Check passes and register visitors", 0.3, 0.2, "A list, a card and a face."),
      auto("Write reports", 0.35, 0.1, "Time, place and event."),
      person("Patrol", 0.4, 0.2, "Being seen is part of the service."),
      person("Step in", 0.8, 0.2, "Force and first aid belong to people under law."),
    ],
  },
];
