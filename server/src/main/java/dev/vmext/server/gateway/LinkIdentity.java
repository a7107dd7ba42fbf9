package dev.vmext.server.gateway;

import dev.vmext.fleet.MachineRecord;
import dev.vmext.fleet.Secret;
import dev.vmext.server.ca.ClientCertificate;

/** Who is at the other end of a link, and by what it was proven. */
sealed interface LinkIdentity {
    MachineRecord machine();

    record TokenHolder(MachineRecord machine, Secret token) implements LinkIdentity {}

    record CertificateHolder(MachineRecord machine, ClientCertificate certificate) implements LinkIdentity {}
}
