import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const finance: readonly CatalogueRole[] = [
  {
    role: "Accountant",
    aliases: ["Accounting", "General Ledger Accountant", "Staff Accountant"],
    workloads: [
      auto("Post and reconcile entries", 0.5, 0.4, "Documents vary, accounts are given, and both sides must balance."),
      auto("Prepare statements", 0.7, 0.25, "Standards prescribe the form; closing questions need context."),
      person("Advise and decide on treatment", 0.9, 0.2, "Where standards leave a choice, someone signs for it."),
      person("Answer auditors and authorities", 0.85, 0.15, "They want a person who can be held to an answer."),
    ],
  },
  {
    role: "Bookkeeper",
    aliases: ["Bookkeeping", "Accounting Clerk", "Accounting Assistant"],
    workloads: [
      auto("Capture receipts and invoices", 0.35, 0.35, "Amount, date and party stand on the document."),
      auto("Post to accounts", 0.45, 0.25, "Last year's posting usually tells this year's."),
      auto("Match payments", 0.4, 0.2, "Bank and ledger agree or an item stays open."),
      auto("Prepare returns and lists", 0.55, 0.1, "Forms with known sources and dates."),
      person("Clear up open items", 0.65, 0.1, "Somebody asks the customer or the colleague."),
    ],
  },
  {
    role: "Accounts Payable Clerk",
    aliases: ["Accounts Receivable Clerk", "Accounts Payable Specialist", "Invoice Clerk", "Billing Clerk"],
    workloads: [
      auto("Match invoices and orders", 0.4, 0.4, "Three documents, compared line by line."),
      auto("Prepare payment runs", 0.35, 0.2, "Due dates and terms decide."),
      auto("Send reminders and statements", 0.2, 0.15, "Text and dates are fixed."),
      auto("Maintain supplier data", 0.4, 0.1, "Few fields, but a false account number is theft."),
      person("Settle disputed items", 0.7, 0.15, "Goods, price and goodwill are argued over."),
    ],
  },
  {
    role: "Payroll Specialist",
    aliases: ["Payroll Clerk", "Payroll Administrator", "Payroll Accountant"],
    workloads: [
      auto("Calculate pay", 0.4, 0.35, "Law and contract are formulas; errors hurt people."),
      auto("Collect hours and absences", 0.3, 0.2, "Time records arrive in a fixed form."),
      auto("Report to tax and insurance offices", 0.4, 0.15, "Electronic forms with deadlines."),
      auto("Answer standard questions", 0.45, 0.1, "The same dozen questions about a payslip."),
      person("Clear special cases", 0.8, 0.15, "Illness, garnishment or a move abroad needs a ruling."),
      person("Release the payment", 0.6, 0.05, "Two named people approve the money."),
    ],
  },
  {
    role: "Financial Analyst",
    aliases: ["Finance Analyst", "Controller", "Financial Controller", "Management Accountant", "FP&A Analyst"],
    workloads: [
      auto("Assemble figures and reports", 0.5, 0.3, "Every month the same tables from the same sources."),
      auto("Forecast and model", 0.75, 0.25, "Arithmetic is easy, drivers need the business."),
      auto("Explain deviations", 0.7, 0.15, "Causes are mostly in the records."),
      person("Challenge budgets", 0.85, 0.15, "Managers yield to a person who knows their tricks."),
      person("Advise decisions", 0.85, 0.15, "Advice is worth what its giver answers for."),
    ],
  },
  {
    role: "Auditor",
    aliases: ["Internal Auditor", "External Auditor", "Audit Associate"],
    workloads: [
      auto("Test transactions", 0.55, 0.3, "Whole populations can be compared with rules."),
      auto("Collect and index evidence", 0.45, 0.2, "Request lists and confirmations repeat yearly."),
      auto("Draft working papers", 0.65, 0.15, "Form is prescribed; a reviewer reads each."),
      person("Interview and observe", 0.8, 0.15, "Evasion shows in the room."),
      person("Form and sign an opinion", 0.95, 0.2, "The law asks for an independent, liable person."),
    ],
  },
  {
    role: "Tax Adviser",
    aliases: ["Tax Advisor", "Tax Accountant", "Tax Consultant", "Tax Specialist"],
    workloads: [
      auto("Prepare returns", 0.6, 0.35, "Rules are public; a mistake brings penalties."),
      auto("Research law and rulings", 0.75, 0.2, "Texts are searchable, their bearing is not obvious."),
      auto("Check assessments", 0.5, 0.1, "Compared with the return, line by line."),
      person("Advise on structure", 0.9, 0.2, "Clients disclose plans in confidence."),
      person("Represent before the authorities", 0.9, 0.15, "Reserved to licensed people."),
    ],
  },
  {
    role: "Treasurer",
    aliases: ["Treasury Analyst", "Treasury Manager", "Cash Manager"],
    workloads: [
      auto("Track cash positions", 0.4, 0.25, "Balances come in by interface."),
      auto("Forecast liquidity", 0.7, 0.2, "Most flows are known, the rest is a habit."),
      auto("Prepare deals and confirmations", 0.6, 0.15, "Templates, but an error moves money."),
      person("Decide on funding and hedges", 0.9, 0.2, "Risk is taken under personal limits."),
      person("Deal with banks", 0.85, 0.2, "Terms depend on standing and relations."),
    ],
  },
  {
    role: "Credit Analyst",
    aliases: ["Loan Officer", "Credit Officer", "Credit Risk Analyst"],
    workloads: [
      auto("Collect and check documents", 0.4, 0.3, "A list by product, compared with registers."),
      auto("Score applications", 0.6, 0.25, "Past loans teach the odds; bias must be watched."),
      auto("Watch existing loans", 0.5, 0.15, "Payments and covenants are figures."),
      person("Decide on borderline cases", 0.9, 0.15, "A refusal must be justified by someone with authority."),
      person("Talk with borrowers", 0.75, 0.15, "Plans and character are probed in person."),
    ],
  },
  {
    role: "Insurance Claims Handler",
    aliases: ["Claims Adjuster", "Claims Handler", "Claims Examiner", "Insurance Clerk"],
    workloads: [
      auto("Register claims", 0.3, 0.2, "A form, a policy number and a date."),
      auto("Check cover", 0.55, 0.25, "Policy terms are text; cases cluster."),
      auto("Settle small claims", 0.5, 0.2, "Tariffs exist and errors are cheap."),
      person("Inspect damage", 0.75, 0.15, "Someone goes, looks and asks."),
      person("Negotiate and refuse", 0.85, 0.2, "Bad news and bargains need a voice with authority."),
    ],
  },
  {
    role: "Underwriter",
    aliases: ["Insurance Underwriter"],
    workloads: [
      auto("Gather risk data", 0.4, 0.25, "Questionnaires and registers."),
      auto("Price standard risks", 0.6, 0.3, "Tariffs from past losses."),
      auto("Issue and renew policies", 0.45, 0.15, "Clauses follow from the risk class."),
      person("Negotiate with brokers", 0.8, 0.1, "Long relations set price and trust."),
      person("Judge unusual risks", 0.9, 0.2, "Little history; capital is put at stake."),
    ],
  },
  {
    role: "Financial Adviser",
    aliases: ["Financial Advisor", "Wealth Manager", "Investment Adviser", "Financial Planner"],
    workloads: [
      auto("Analyse portfolios", 0.65, 0.2, "Holdings, risk and cost are computed."),
      auto("Prepare proposals", 0.7, 0.2, "Model portfolios fitted to a profile."),
      auto("Record advice and disclosures", 0.5, 0.15, "Law says what the file must hold."),
      person("Understand and calm clients", 0.85, 0.3, "Fear and greed are handled by someone they trust."),
      person("Recommend under licence", 0.9, 0.15, "A registered person is liable."),
    ],
  },
  {
    role: "Bank Teller",
    aliases: ["Bank Clerk", "Branch Clerk"],
    workloads: [
      auto("Pay in, pay out, transfer", 0.25, 0.4, "Machines and screens do the same."),
      auto("Open accounts and order cards", 0.4, 0.2, "Identity and forms, checked by rule."),
      auto("Balance the till", 0.2, 0.1, "Sum and cash agree or not."),
      person("Spot fraud and distress", 0.75, 0.1, "A face at the counter says what data do not."),
      person("Help at the counter", 0.5, 0.2, "Some customers want or need a person."),
    ],
  },
];
