import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const publicService: readonly CatalogueRole[] = [
  {
    role: "Judge",
    aliases: ["Magistrate", "Arbitrator"],
    workloads: [
      auto("Research law", 0.75, 0.15, "Published sources; the decisive one may be hidden."),
      auto("Draft recitals and orders", 0.75, 0.1, "Facts and form come from the file."),
      person("Hear the parties", 0.9, 0.3, "A right to be heard by a human being."),
      person("Weigh and decide", 1, 0.3, "State power over people needs a bearer."),
      person("Settle and direct proceedings", 0.9, 0.15, "Authority in the room."),
    ],
  },
  {
    role: "Court Clerk",
    aliases: ["Court Reporter", "Judicial Assistant", "Court Administrator"],
    workloads: [
      auto("Keep files and dates", 0.35, 0.3, "Procedure prescribes each step."),
      auto("Record hearings", 0.5, 0.2, "Speech to text, word for word."),
      auto("Serve papers and compute fees", 0.4, 0.2, "Rules and tables."),
      person("Attend in court", 0.5, 0.15, "Oaths and exhibits are handled by an officer."),
      person("Help the public", 0.65, 0.15, "People in trouble cannot name their form."),
    ],
  },
  {
    role: "Police Officer",
    aliases: ["Police", "Detective", "Constable"],
    workloads: [
      auto("Write reports", 0.55, 0.2, "Who, where, when; courts will read it."),
      auto("Search records and recordings", 0.65, 0.1, "Much material, narrow questions, strict law."),
      person("Patrol", 0.6, 0.25, "Presence is the point."),
      person("Step in and arrest", 0.9, 0.2, "Force is reserved to sworn officers."),
      person("Question and inform", 0.85, 0.25, "Witnesses and kin face a person."),
    ],
  },
  {
    role: "Firefighter",
    aliases: ["Fire Officer"],
    workloads: [
      auto("Check equipment records", 0.35, 0.1, "Intervals and lists."),
      auto("Write reports", 0.45, 0.05, "Times come from the control room."),
      person("Rescue and extinguish", 0.85, 0.35, "Bodies in danger, places unknown."),
      person("Train and keep ready", 0.6, 0.35, "A crew must be there and fit."),
      person("Inspect and teach prevention", 0.65, 0.15, "On site, with authority."),
    ],
  },
  {
    role: "Paramedic",
    aliases: ["Emergency Medical Technician", "EMT", "Ambulance Driver"],
    workloads: [
      auto("Record the mission", 0.4, 0.15, "Devices log; speech fills the rest."),
      auto("Restock lists", 0.25, 0.05, "Used means missing."),
      person("Treat on the spot", 0.9, 0.4, "Seconds, hands and licence."),
      person("Carry and drive", 0.6, 0.25, "Stairs and sirens."),
      person("Calm people", 0.75, 0.15, "Panic listens to a person."),
    ],
  },
  {
    role: "Social Worker",
    aliases: ["Family Support Worker", "Youth Worker", "Welfare Worker"],
    workloads: [
      auto("Write case notes", 0.55, 0.2, "Dictated visits in a scheme."),
      auto("Fill in applications", 0.45, 0.1, "Forms with data already on file."),
      person("Visit and build trust", 0.85, 0.35, "Help is accepted from someone known."),
      person("Judge danger to children and adults", 0.95, 0.2, "A grave intrusion that somebody must own."),
      person("Bring services together", 0.75, 0.15, "Doors open through acquaintance."),
    ],
  },
  {
    role: "Benefits Case Officer",
    aliases: [
      "Case Officer",
      "Case Worker",
      "Welfare Officer",
      "Permit Officer",
      "Public Administrator",
      "Civil Servant",
    ],
    workloads: [
      auto("Check applications", 0.5, 0.3, "Conditions are law; proofs come in all shapes."),
      auto("Compute amounts and issue notices", 0.4, 0.25, "Formulas and standard texts."),
      auto("Answer usual enquiries", 0.45, 0.1, "Status, dates and papers."),
      person("Use discretion", 0.85, 0.15, "Hardship is weighed by an accountable officer."),
      person("Advise applicants", 0.7, 0.2, "Many cannot manage forms alone."),
    ],
  },
  {
    role: "Tax Inspector",
    aliases: ["Tax Officer", "Revenue Officer", "Tax Examiner"],
    workloads: [
      auto("Assess standard returns", 0.5, 0.35, "Declared figures against reported ones."),
      auto("Select cases", 0.6, 0.15, "Anomalies teach the odds; fairness must be checked."),
      auto("Write notices and record", 0.4, 0.15, "Templates and statutory reasons."),
      person("Inspect firms", 0.85, 0.2, "On the premises, with powers."),
      person("Decide objections", 0.85, 0.15, "A citizen's right to a reasoned ruling."),
    ],
  },
  {
    role: "Policy Adviser",
    aliases: ["Policy Advisor", "Policy Analyst", "Policy Officer", "Government Affairs Manager"],
    workloads: [
      auto("Gather and summarise evidence", 0.65, 0.25, "Public studies, uneven in quality."),
      auto("Draft briefs and answers", 0.7, 0.25, "House form and agreed lines."),
      person("Hear stakeholders", 0.8, 0.2, "Interests speak to someone with access."),
      person("Weigh and recommend", 0.9, 0.3, "Values are at stake, officials answer for them."),
    ],
  },
  {
    role: "Urban Planner",
    aliases: ["City Planner", "Town Planner", "Transport Engineer"],
    workloads: [
      auto("Map and analyse data", 0.6, 0.25, "Registers and sensors with positions."),
      auto("Draft plans and statements", 0.7, 0.2, "Statutory contents and symbols."),
      auto("Check building applications", 0.6, 0.15, "Distances and uses against the plan."),
      person("Consult citizens and politicians", 0.85, 0.25, "Consent grows in meetings."),
      person("Weigh interests", 0.9, 0.15, "A lawful balance needs an author."),
    ],
  },
];
