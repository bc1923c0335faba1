export { companyRoutes } from "./routes.ts";
export { createCompanyService, type CompanyService } from "./service.ts";
