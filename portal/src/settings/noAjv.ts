// What @rjsf/core finds under the name @rjsf/validator-ajv8, which it imports for its own tests only. The real one makes code at run time,
// which the portal's content security policy forbids; ours is in validator.ts.
export default undefined;
