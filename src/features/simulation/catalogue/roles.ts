import type { CatalogueRole } from "../workloads.ts";

/**
 * What a role whose tasks nobody described is taken to do: office work with some routine in it.
 * Times add up to 1.
 */
export const defaultRole: CatalogueRole = {
  role: "Default",
  workloads: [
    { Name: "Routine processing", Type: "Auto", Skill: 0.5, Time: 0.3 },
    { Name: "Reporting and records", Type: "Auto", Skill: 0.6, Time: 0.2 },
    { Name: "Talking with colleagues and customers", Type: "Non-Auto", Skill: 0.7, Time: 0.3 },
    { Name: "Judgement and exceptions", Type: "Non-Auto", Skill: 0.9, Time: 0.2 },
  ],
};

/** A first set; docs/design/role-catalogue.md says how an entry is argued. */
export const roles: readonly CatalogueRole[] = [
  {
    role: "Engineer",
    aliases: ["Software Engineer", "Developer", "Software Developer", "Programmer"],
    workloads: [
      { Name: "Write code", Type: "Auto", Skill: 0.9, Time: 0.4 },
      { Name: "Test and release", Type: "Auto", Skill: 0.7, Time: 0.2 },
      { Name: "Review and design", Type: "Non-Auto", Skill: 0.85, Time: 0.25 },
      { Name: "Agree on what to build", Type: "Non-Auto", Skill: 0.8, Time: 0.15 },
    ],
  },
  {
    role: "Marketing",
    aliases: ["Marketing Manager", "Marketing Specialist"],
    workloads: [
      { Name: "Write and adapt content", Type: "Auto", Skill: 0.8, Time: 0.35 },
      { Name: "Measure campaigns", Type: "Auto", Skill: 0.65, Time: 0.2 },
      { Name: "Research the market", Type: "Non-Auto", Skill: 0.75, Time: 0.2 },
      { Name: "Plan and negotiate campaigns", Type: "Non-Auto", Skill: 0.8, Time: 0.25 },
    ],
  },
  {
    role: "Accountant",
    aliases: ["Bookkeeper", "Accounting"],
    workloads: [
      { Name: "Post and reconcile entries", Type: "Auto", Skill: 0.5, Time: 0.4 },
      { Name: "Prepare statements", Type: "Auto", Skill: 0.7, Time: 0.25 },
      { Name: "Advise and decide on treatment", Type: "Non-Auto", Skill: 0.9, Time: 0.2 },
      { Name: "Answer auditors and authorities", Type: "Non-Auto", Skill: 0.85, Time: 0.15 },
    ],
  },
  {
    role: "Customer Support",
    aliases: ["Support Agent", "Customer Service", "Customer Service Representative"],
    workloads: [
      { Name: "Answer known questions", Type: "Auto", Skill: 0.45, Time: 0.45 },
      { Name: "Record and route requests", Type: "Auto", Skill: 0.35, Time: 0.2 },
      { Name: "Solve unusual cases", Type: "Non-Auto", Skill: 0.8, Time: 0.2 },
      { Name: "Calm upset customers", Type: "Non-Auto", Skill: 0.85, Time: 0.15 },
    ],
  },
  {
    role: "HR Specialist",
    aliases: ["HR", "Human Resources", "Recruiter"],
    workloads: [
      { Name: "Screen applications", Type: "Auto", Skill: 0.6, Time: 0.25 },
      { Name: "Contracts, payroll data, records", Type: "Auto", Skill: 0.5, Time: 0.25 },
      { Name: "Interview and select", Type: "Non-Auto", Skill: 0.85, Time: 0.25 },
      { Name: "Counsel and mediate", Type: "Non-Auto", Skill: 0.9, Time: 0.25 },
    ],
  },
  {
    role: "Sales Representative",
    aliases: ["Sales", "Account Executive"],
    workloads: [
      { Name: "Find and qualify leads", Type: "Auto", Skill: 0.6, Time: 0.25 },
      { Name: "Offers and records", Type: "Auto", Skill: 0.5, Time: 0.2 },
      { Name: "Meet and persuade", Type: "Non-Auto", Skill: 0.85, Time: 0.35 },
      { Name: "Negotiate and close", Type: "Non-Auto", Skill: 0.9, Time: 0.2 },
    ],
  },
];
