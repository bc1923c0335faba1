import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const engineering: readonly CatalogueRole[] = [
  {
    role: "Engineer",
    aliases: [
      "Software Engineer",
      "Developer",
      "Software Developer",
      "Programmer",
      "Backend Developer",
      "Frontend Developer",
      "Full Stack Developer",
      "Web Developer",
      "Mobile Developer",
    ],
    workloads: [
      auto("Write code", 0.9, 0.4, "Tests show many faults, but fitting the whole takes wide knowledge."),
      auto("Test and release", 0.7, 0.2, "The steps repeat; a bad release must be noticed and undone."),
      person("Review and design", 0.85, 0.25, "Someone answers for what the system will cost for years."),
      person("Agree on what to build", 0.8, 0.15, "Wishes conflict, and people settle that among themselves."),
    ],
  },
  {
    role: "Quality Assurance Engineer",
    aliases: ["QA Engineer", "QA Analyst", "Software Tester", "Test Engineer", "Tester"],
    workloads: [
      auto("Run regression tests", 0.35, 0.3, "Steps and expected results are written down."),
      auto("Write test cases", 0.65, 0.25, "Requirements are text, and gaps show in a review."),
      auto("Record and track defects", 0.3, 0.15, "Fixed fields, filled from the run that failed."),
      person("Advise on release", 0.85, 0.1, "Shipping with known faults needs somebody to own it."),
      person("Explore for unforeseen faults", 0.8, 0.2, "The search follows a hunch about what nobody specified."),
    ],
  },
  {
    role: "DevOps Engineer",
    aliases: ["Site Reliability Engineer", "SRE", "Platform Engineer", "Cloud Engineer", "Infrastructure Engineer"],
    workloads: [
      auto("Build and deploy pipelines", 0.65, 0.25, "Written as code, and every run proves or refutes it."),
      auto("Watch systems and sort alarms", 0.55, 0.2, "Most alarms have been seen before and have a known cure."),
      auto("Patch and upgrade", 0.6, 0.15, "A procedure with a rollback, though versions surprise."),
      auto("Plan capacity and cost", 0.7, 0.1, "Figures are at hand; next year's load is an estimate."),
      person("Lead during outages", 0.9, 0.15, "Unknown causes, high stakes, and people to be directed."),
      person("Design the platform", 0.85, 0.15, "Long commitments that a named owner must justify."),
    ],
  },
  {
    role: "Systems Administrator",
    aliases: ["System Administrator", "Sysadmin", "IT Administrator", "Network Administrator", "Network Engineer"],
    workloads: [
      auto("Manage accounts and access", 0.35, 0.2, "Joiners, movers and leavers follow a rule book."),
      auto("Run backups and updates", 0.4, 0.2, "Scheduled work whose success can be measured."),
      auto("Cure known faults", 0.55, 0.2, "Symptoms vary, cures come from a list."),
      person("Install and repair equipment", 0.5, 0.2, "Racks, cables and desks need hands on site."),
      person("Rule on exceptions and suppliers", 0.8, 0.2, "Risk is accepted in the firm's name."),
    ],
  },
  {
    role: "Security Analyst",
    aliases: ["Cybersecurity Analyst", "Information Security Analyst", "SOC Analyst", "Security Engineer"],
    workloads: [
      auto("Sort alerts", 0.6, 0.3, "Patterns are known, yet a missed alarm is expensive."),
      auto("Scan for weaknesses", 0.45, 0.2, "Tools find them; ranking follows published scores."),
      auto("Gather evidence for audits", 0.5, 0.15, "The controls are listed and the proof lies in records."),
      person("Handle incidents", 0.9, 0.2, "An adversary adapts, and somebody must order a shutdown."),
      person("Set and defend the rules", 0.85, 0.15, "Colleagues accept limits from people who explain them."),
    ],
  },
  {
    role: "Solution Architect",
    aliases: ["Software Architect", "Enterprise Architect", "Systems Architect", "IT Architect"],
    workloads: [
      auto("Document structures and interfaces", 0.65, 0.2, "Derived from what exists; readers notice errors."),
      auto("Compare products and costs", 0.75, 0.15, "Public data, weighed by criteria that were agreed."),
      person("Choose a structure", 0.95, 0.35, "Few facts, long effects, and a name under the decision."),
      person("Bring teams into line", 0.85, 0.3, "Agreement rests on standing and conversation."),
    ],
  },
  {
    role: "Electrical Engineer",
    aliases: ["Electronics Engineer", "Hardware Engineer"],
    workloads: [
      auto("Calculate and simulate circuits", 0.8, 0.25, "Physics is known; choosing what to model is not."),
      auto("Draw schematics and part lists", 0.7, 0.25, "Conventions are strict and can be checked by rule."),
      auto("Check against standards", 0.75, 0.1, "Clauses are written, their reading needs experience."),
      person("Measure prototypes", 0.8, 0.25, "Probe, solder and look: bench work."),
      person("Answer for electrical safety", 0.9, 0.15, "A qualified person signs."),
    ],
  },
  {
    role: "Mechanical Engineer",
    aliases: ["Mechanical Design Engineer", "CAD Designer"],
    workloads: [
      auto("Model parts", 0.75, 0.3, "Shape follows load, fit and process, within known limits."),
      auto("Simulate and dimension", 0.8, 0.2, "Solvers do the sums; assumptions decide the answer."),
      auto("Make drawings and part lists", 0.55, 0.15, "Derived from the model by convention."),
      person("Build and test prototypes", 0.75, 0.2, "Things break in ways one has to see and hold."),
      person("Settle cost against function", 0.85, 0.15, "Production, purchasing and customer must all agree."),
    ],
  },
  {
    role: "Civil Engineer",
    aliases: ["Structural Engineer", "Construction Engineer"],
    workloads: [
      auto("Calculate structures", 0.85, 0.25, "Codes give the formulas; an error may cost lives."),
      auto("Prepare plans and quantities", 0.65, 0.25, "Read off the model, and checked by the builder."),
      person("Inspect sites", 0.75, 0.2, "Ground and workmanship are judged on the spot."),
      person("Sign plans", 0.9, 0.15, "Permits ask for a licensed engineer."),
      person("Coordinate builders and authorities", 0.8, 0.15, "Interests collide and are settled in meetings."),
    ],
  },
];
