/** A Worker that does nothing: what is left of a start-up without any code. */
export default { fetch: () => new Response("") };
