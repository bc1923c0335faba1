import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const manufacturing: readonly CatalogueRole[] = [
  {
    role: "Assembly Worker",
    aliases: ["Assembler", "Production Worker", "Factory Worker", "Line Worker"],
    workloads: [
      auto("Repeat fixed assembly steps", 0.8, 0.35, "Robots can, where parts arrive alike; fitting a cell is work."),
      auto("Fetch and stage parts", 0.6, 0.1, "Known places and lanes."),
      auto("Record output and scrap", 0.2, 0.05, "Counters and codes."),
      person("Fit flexible and small parts", 0.5, 0.3, "Cables and clips give way under the fingers."),
      person("Rework and clear faults", 0.6, 0.2, "Each is a little different."),
    ],
  },
  {
    role: "Machine Operator",
    aliases: ["CNC Operator", "CNC Machinist", "Plant Operator", "Machinist"],
    workloads: [
      auto("Load and run series", 0.7, 0.35, "Handling devices can, for parts of one shape."),
      auto("Measure and adjust", 0.6, 0.2, "Probes give figures, offsets follow."),
      auto("Write programs", 0.75, 0.1, "Derived from the model; a crash is dear."),
      person("Set up and change tools", 0.65, 0.2, "Clamping by feel, seldom twice the same."),
      person("Hear and fix trouble", 0.7, 0.15, "Noise, smell and chips tell before sensors do."),
    ],
  },
  {
    role: "Maintenance Technician",
    aliases: [
      "Mechanic",
      "Industrial Mechanic",
      "Service Technician",
      "Field Service Technician",
      "Maintenance Engineer",
    ],
    workloads: [
      auto("Watch condition and predict wear", 0.7, 0.15, "Vibration and heat; failures are rare teachers."),
      auto("Plan jobs and order parts", 0.45, 0.15, "Intervals, lists and stock."),
      auto("Document work", 0.3, 0.1, "Dictated on the spot."),
      person("Repair and replace", 0.7, 0.4, "Dirty, cramped and never twice alike."),
      person("Find unknown faults", 0.85, 0.2, "Trial and touch on a dangerous machine."),
    ],
  },
  {
    role: "Quality Inspector",
    aliases: ["Quality Controller", "Quality Control Inspector", "QC Inspector"],
    workloads: [
      auto("Inspect visually", 0.7, 0.3, "Cameras see well once each flaw was shown."),
      auto("Measure and log", 0.4, 0.25, "Gauges report; limits are on the drawing."),
      auto("Draw up certificates", 0.35, 0.1, "Values in a form."),
      person("Judge doubtful parts", 0.75, 0.2, "Scrap or ship: someone answers."),
      person("Trace causes on the floor", 0.75, 0.15, "Look, ask and try."),
    ],
  },
  {
    role: "Production Planner",
    aliases: ["Production Scheduler", "Materials Planner", "Work Planner"],
    workloads: [
      auto("Schedule orders", 0.6, 0.35, "A solver's job, given honest times."),
      auto("Check material and capacity", 0.45, 0.2, "Stock and shifts are on record."),
      auto("Report progress", 0.3, 0.1, "Bookings against the plan."),
      person("Rearrange with the floor", 0.75, 0.2, "Favours and facts that no system holds."),
      person("Promise dates", 0.8, 0.15, "A word given to a customer."),
    ],
  },
  {
    role: "Production Supervisor",
    aliases: ["Shift Supervisor", "Foreman", "Production Manager", "Shift Leader"],
    workloads: [
      auto("Assign people to stations", 0.55, 0.15, "Skills matrix and attendance."),
      auto("Keep shift records", 0.3, 0.15, "Counts, stops and reasons."),
      person("Lead the shift", 0.8, 0.35, "Discipline and morale need a presence."),
      person("Answer for safety", 0.85, 0.15, "Duty of care by law."),
      person("Deal with stoppages", 0.75, 0.2, "Someone on the floor decides."),
    ],
  },
  {
    role: "Welder",
    aliases: ["Metalworker", "Fabricator"],
    workloads: [
      auto("Weld series parts", 0.75, 0.2, "Robots excel when fixtures hold the joint."),
      auto("Log seams and material", 0.25, 0.05, "Numbers prescribed by the standard."),
      person("Weld single pieces and sites", 0.75, 0.45, "Gaps, position and heat under one's own eye."),
      person("Vouch for the seam", 0.8, 0.1, "Certified in person."),
      person("Cut, fit and grind", 0.5, 0.2, "Hands and hand tools."),
    ],
  },
  {
    role: "Electrician",
    aliases: ["Electrical Technician", "Electrical Installer"],
    workloads: [
      auto("Estimate and bill", 0.5, 0.1, "Quantities and rates."),
      auto("Draw up plans and test records", 0.5, 0.1, "Measured values in set forms."),
      person("Install in buildings", 0.6, 0.45, "Old walls differ from every plan."),
      person("Find and repair faults", 0.8, 0.2, "Careful tests on live plant."),
      person("Certify the installation", 0.85, 0.15, "Reserved to licensed trades."),
    ],
  },
  {
    role: "Plumber",
    aliases: ["Heating Engineer", "Heating Technician", "Pipefitter"],
    workloads: [
      auto("Estimate and bill", 0.5, 0.1, "Metres, fittings and hours at known rates."),
      auto("Size systems", 0.6, 0.05, "Tables for flow and heat, once rooms are measured."),
      person("Lay and connect pipes", 0.6, 0.5, "Behind walls, where nothing is square."),
      person("Find leaks and repair", 0.75, 0.25, "Water shows up far from its source."),
      person("Vouch for gas and drinking water", 0.85, 0.1, "A qualified person signs for what could kill."),
    ],
  },
  {
    role: "Construction Worker",
    aliases: ["Builder", "Labourer", "Bricklayer", "Carpenter", "Painter"],
    workloads: [
      auto("Survey and mark out", 0.6, 0.05, "Instruments read the model."),
      auto("Move earth and material", 0.85, 0.1, "Machines can steer themselves on cleared ground."),
      auto("Record hours and progress", 0.25, 0.05, "Telephones and cameras."),
      person("Build, join and finish", 0.6, 0.6, "Weather, tolerances and other trades in the way."),
      person("Keep the site safe", 0.6, 0.2, "Everyone watches for everyone."),
    ],
  },
  {
    role: "Site Manager",
    aliases: ["Construction Manager", "Site Supervisor", "Clerk of Works"],
    workloads: [
      auto("Keep the site diary", 0.4, 0.15, "Photographs, weather and deliveries."),
      auto("Check invoices and quantities", 0.5, 0.15, "Measured against the bill."),
      auto("Adjust the schedule", 0.65, 0.1, "Dependencies are known, promises less so."),
      person("Coordinate trades", 0.8, 0.35, "Quarrels are settled where they happen."),
      person("Accept work and answer for safety", 0.85, 0.25, "A named duty with criminal liability."),
    ],
  },
];
