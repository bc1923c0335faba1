export type Dependency = "postgres" | "redis" | "s3" | "run" | "workloads" | "scanner" | "mail";

/** Counts and times the calls a request makes to other machines. Adapters wrap each call in `track`. */
export interface CallMeter {
  track<T>(dependency: Dependency, call: () => Promise<T>): Promise<T>;
}
