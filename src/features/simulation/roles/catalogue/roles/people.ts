import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const people: readonly CatalogueRole[] = [
  {
    role: "HR Specialist",
    aliases: ["HR", "Human Resources", "HR Generalist", "HR Administrator", "Human Resources Specialist"],
    workloads: [
      auto("Screen applications", 0.6, 0.25, "Papers are compared with a profile; unfairness must be looked for."),
      auto("Contracts, payroll data, records", 0.5, 0.25, "Templates and forms, with exceptions by law and agreement."),
      person("Interview and select", 0.85, 0.25, "Both sides decide about people they have met."),
      person("Counsel and mediate", 0.9, 0.25, "Conflict and hardship are confided to a person."),
    ],
  },
  {
    role: "Recruiter",
    aliases: ["Talent Acquisition Specialist", "Headhunter", "Recruitment Consultant", "Talent Acquisition"],
    workloads: [
      auto("Publish vacancies", 0.3, 0.1, "The profile is given and portals take forms."),
      auto("Search and address candidates", 0.55, 0.25, "Profiles are public and messages similar."),
      auto("Pre-select", 0.6, 0.2, "Criteria are listed; rejecting wrongly stays unseen."),
      auto("Arrange interviews", 0.2, 0.1, "Calendars and confirmations."),
      person("Interview candidates", 0.8, 0.2, "Candidates also judge the firm by whom they meet."),
      person("Persuade and agree on terms", 0.85, 0.15, "An offer is negotiated between people."),
    ],
  },
  {
    role: "Training Specialist",
    aliases: ["Learning and Development Specialist", "Corporate Trainer", "Trainer", "Training Manager"],
    workloads: [
      auto("Write course material", 0.65, 0.25, "Content exists and is put into a teaching form."),
      auto("Enrol and remind", 0.2, 0.15, "Lists, dates and messages."),
      auto("Test and evaluate", 0.45, 0.15, "Answers and feedback are scored."),
      person("Train groups", 0.75, 0.3, "Practice and encouragement live from presence."),
      person("Find out what is needed", 0.8, 0.15, "Gaps are admitted only in confidence."),
    ],
  },
  {
    role: "Compensation and Benefits Analyst",
    aliases: ["Compensation Analyst", "Benefits Administrator", "Compensation and Benefits Manager", "Reward Analyst"],
    workloads: [
      auto("Compare pay with the market", 0.6, 0.3, "Surveys and grades, matched job by job."),
      auto("Administer benefits", 0.4, 0.25, "Eligibility is a rule."),
      auto("Model budgets and equity", 0.65, 0.15, "Figures are complete, choices of method matter."),
      person("Design schemes", 0.85, 0.15, "Fairness is a stance somebody must take."),
      person("Agree with management and staff bodies", 0.85, 0.15, "Co-determination happens at a table."),
    ],
  },
  {
    role: "HR Manager",
    aliases: ["Human Resources Manager", "HR Director", "HR Business Partner", "Chief People Officer", "Head of HR"],
    workloads: [
      auto("Report on staff and cost", 0.5, 0.15, "Head counts and absences are in the system."),
      auto("Draft policies and letters", 0.65, 0.15, "Law and models exist; wording is reviewed."),
      person("Advise managers", 0.85, 0.25, "Delicate cases are discussed in confidence."),
      person("Deal with staff bodies", 0.9, 0.2, "Agreements bind and are made by mandate."),
      person("Decide on people", 0.9, 0.25, "Hiring and dismissal must be owned."),
    ],
  },
];
