package dev.vmext.fleet.provider;

import java.util.Optional;

/**
 * What a provider can do on this host.
 *
 * @param accelerator how guests run, such as {@code kvm} or {@code tcg}
 * @param emulated the guest's processor is simulated in software: everything in it takes ten times as long, so deadlines are stretched
 * @param hostAddress the address under which a guest reaches this host, for the enrolment line in its seed
 * @param defaultImageId the image of a machine that names none
 * @param defaultImageReady that image is there and need not be built first
 */
public record ProviderFacts(
        String provider,
        String version,
        String accelerator,
        boolean emulated,
        Optional<String> hostAddress,
        String defaultImageId,
        boolean defaultImageReady) {}
