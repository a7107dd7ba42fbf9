package dev.vmext.protocol.api;

/** Trades the code of a sign-in link for a session cookie. */
public record SignIn(String code) {}
