package dev.vmext.server.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "169.254.0.1",
                "fe80::1",
                "100.100.100.200",
                "fd00:ec2::254",
                "0.0.0.0",
                "0.1.2.3",
                "::",
                "224.0.0.1",
                "ff02::1",
                "255.255.255.255",
                "::ffff:169.254.169.254",
                "64:ff9b::a9fe:a9fe",
                "2002:a9fe:a9fe::1"
            })
    void nothingGoesToMetadataServicesAndToNoOneHost(String address) throws Exception {
        assertThat(Destinations.refuses(InetAddress.getByName(address), true)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "10.1.2.3", "172.16.0.9", "192.168.7.7", "100.64.0.5", "fd12::7"})
    void plainHttpStaysOnThisHostAndInPrivateNetworks(String address) throws Exception {
        assertThat(Destinations.refuses(InetAddress.getByName(address), false)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"93.184.216.34", "2606:2800:220:1::1", "172.32.0.1", "100.128.0.1"})
    void othersNeedTls(String address) throws Exception {
        assertThat(Destinations.refuses(InetAddress.getByName(address), false)).isPresent();
        assertThat(Destinations.refuses(InetAddress.getByName(address), true)).isEmpty();
    }
}
