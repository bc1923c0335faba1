import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const management: readonly CatalogueRole[] = [
  {
    role: "Chief Executive",
    aliases: ["CEO", "Chief Executive Officer", "Managing Director", "General Manager", "Founder", "President"],
    workloads: [
      auto("Read and condense reports", 0.7, 0.1, "Text and figures, though silence speaks too."),
      auto("Prepare speeches and papers", 0.75, 0.1, "Known positions in known forms."),
      person("Decide on direction", 1, 0.25, "Unique, uncertain, and one's own neck."),
      person("Choose and lead people", 0.95, 0.25, "Loyalty is personal."),
      person("Represent the firm", 0.9, 0.3, "Owners, clients and the state want the head."),
    ],
  },
  {
    role: "Chief Financial Officer",
    aliases: ["CFO", "Finance Director", "Finance Manager", "Head of Finance"],
    workloads: [
      auto("Compile reports", 0.6, 0.15, "Closed books, prescribed forms."),
      auto("Model scenarios", 0.75, 0.15, "Sums are easy, assumptions are a view."),
      person("Secure funds", 0.95, 0.25, "Lenders look somebody in the eye."),
      person("Sign accounts and controls", 0.95, 0.2, "Liability by law."),
      person("Lead and advise", 0.9, 0.25, "Counsel among equals."),
    ],
  },
  {
    role: "Chief Technology Officer",
    aliases: [
      "CTO",
      "Chief Information Officer",
      "CIO",
      "IT Director",
      "Head of IT",
      "Engineering Manager",
      "IT Manager",
    ],
    workloads: [
      auto("Follow technology and cost", 0.7, 0.15, "Open sources, loud with advertising."),
      auto("Report on projects", 0.5, 0.1, "Plans and actuals are recorded."),
      person("Set technical direction", 0.95, 0.25, "Bets with long shadows."),
      person("Hire and lead engineers", 0.9, 0.3, "Talent joins people."),
      person("Answer for risk and budget", 0.9, 0.2, "An owner for what may fail."),
    ],
  },
  {
    role: "Department Manager",
    aliases: ["Department Head", "Head of Department", "Line Manager", "Manager", "Branch Manager", "Store Manager"],
    workloads: [
      auto("Report and budget", 0.55, 0.2, "The same figures every month."),
      auto("Plan work and absences", 0.5, 0.15, "Rules, wishes and a calendar."),
      person("Lead and develop people", 0.85, 0.3, "Praise and blame come from a person."),
      person("Speak for the department", 0.8, 0.15, "Resources are won in meetings."),
      person("Decide and prioritise", 0.85, 0.2, "Authority with accountability."),
    ],
  },
  {
    role: "Team Leader",
    aliases: ["Team Lead", "Supervisor", "Group Leader"],
    workloads: [
      auto("Distribute and follow tasks", 0.5, 0.2, "Queues, skills and dates."),
      auto("Check routine results", 0.55, 0.15, "Criteria are explicit."),
      auto("Report", 0.35, 0.1, "Counts and delays."),
      person("Coach the team", 0.8, 0.3, "Learning side by side."),
      person("Settle friction", 0.85, 0.15, "Early and in private."),
      person("Step in for others", 0.7, 0.1, "Gaps are filled by whoever knows the work."),
    ],
  },
  {
    role: "Management Consultant",
    aliases: ["Consultant", "Strategy Consultant", "Strategy Manager", "Business Consultant"],
    workloads: [
      auto("Research and benchmark", 0.65, 0.2, "Data and past cases; comparability is doubtful."),
      auto("Build models and slides", 0.65, 0.3, "Known shapes, reviewed line by line."),
      person("Interview and diagnose", 0.85, 0.2, "What is wrong is told in private."),
      person("Sell and keep clients", 0.9, 0.1, "Mandates go to people."),
      person("Win agreement", 0.9, 0.2, "An outsider's standing moves insiders."),
    ],
  },
];
