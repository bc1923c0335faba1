import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const data: readonly CatalogueRole[] = [
  {
    role: "Data Analyst",
    aliases: ["Business Intelligence Analyst", "BI Analyst", "Reporting Analyst"],
    workloads: [
      auto("Fetch and clean data", 0.55, 0.3, "Sources repeat, and totals tell when something is lost."),
      auto("Build reports and dashboards", 0.5, 0.3, "The request is a known shape over known tables."),
      auto("Look for patterns", 0.75, 0.15, "Easy to compute, hard to tell chance from cause."),
      person("Find out what is being asked", 0.8, 0.15, "The real question comes out in conversation."),
      person("Present and defend findings", 0.8, 0.1, "People act on figures from someone they can question."),
    ],
  },
  {
    role: "Data Scientist",
    aliases: ["Quantitative Analyst", "Statistician"],
    workloads: [
      auto("Prepare data and features", 0.65, 0.25, "Standard steps, steered by what the data mean."),
      auto("Fit and compare models", 0.75, 0.25, "Held-out data judge; leaks deceive."),
      auto("Write up methods and results", 0.6, 0.1, "The material exists and has a usual form."),
      person("Turn an aim into a problem", 0.9, 0.2, "What counts as success is for the firm to say."),
      person("Judge fitness for use", 0.9, 0.2, "Harm to those affected has to be answered for."),
    ],
  },
  {
    role: "Data Engineer",
    aliases: ["ETL Developer", "Analytics Engineer", "Big Data Engineer"],
    workloads: [
      auto("Build pipelines", 0.8, 0.35, "Code with tests, tied to the quirks of each source."),
      auto("Watch and repair loads", 0.6, 0.2, "Failures repeat; late data are costly."),
      auto("Describe data and their origin", 0.45, 0.15, "Largely derived from schemas and queries."),
      person("Agree on data with their owners", 0.8, 0.15, "Meaning and permission lie with other people."),
      person("Design stores and access", 0.85, 0.15, "Hard to change later, and somebody is accountable."),
    ],
  },
  {
    role: "Machine Learning Engineer",
    aliases: ["ML Engineer", "AI Engineer"],
    workloads: [
      auto("Train and tune models", 0.7, 0.25, "Search over settings against a fixed measure."),
      auto("Serve and watch models", 0.75, 0.25, "Ordinary operations, plus drift that is slow to show."),
      auto("Select and label examples", 0.6, 0.15, "Guidelines exist; samples are checked twice."),
      person("Design the evaluation", 0.9, 0.2, "A wrong yardstick goes unnoticed by any machine using it."),
      person("Decide what may be released", 0.85, 0.15, "Liability for behaviour stays with people."),
    ],
  },
  {
    role: "Database Administrator",
    aliases: ["DBA", "Database Engineer"],
    workloads: [
      auto("Back up and prove restores", 0.4, 0.2, "A timetable and a yes-or-no outcome."),
      auto("Tune queries and storage", 0.75, 0.25, "Measured before and after; side effects hide."),
      auto("Grant and review access", 0.4, 0.15, "Rules by role, with a log to compare."),
      auto("Upgrade versions", 0.65, 0.15, "Rehearsed on a copy first."),
      person("Recover from failures", 0.9, 0.1, "Each choice may lose data for good."),
      person("Decide on schema changes", 0.8, 0.15, "Several teams must live with them."),
    ],
  },
  {
    role: "Data Entry Operator",
    aliases: ["Data Entry Clerk", "Data Entry Specialist", "Data Entry", "Typist"],
    workloads: [
      auto("Key in forms", 0.25, 0.5, "Fields are fixed and reading them is solved."),
      auto("Compare entries with the source", 0.35, 0.2, "Two records agree or they do not."),
      auto("Sort and file documents", 0.3, 0.15, "A short list of kinds, named on the page."),
      auto("Return incomplete forms", 0.4, 0.1, "What is missing can be listed."),
      person("Clear up illegible cases", 0.5, 0.05, "Someone rings the sender and asks."),
    ],
  },
];
