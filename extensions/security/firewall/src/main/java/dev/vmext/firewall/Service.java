package dev.vmext.firewall;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Well-known services by name, with the ports they are usually offered at.
 *
 * @param name as written in settings
 * @param traffic what a client sends to it
 */
record Service(String name, List<Traffic> traffic) {
    private static final Map<String, Service> ALL = table("""
            alertmanager tcp/9093
            amqp tcp/5672
            amqps tcp/5671
            bacula tcp/9101-9103
            bgp tcp/179
            cassandra tcp/9042
            cockpit tcp/9090
            consul tcp/8300-8302 udp/8301-8302 tcp/8500
            dns tcp/53 udp/53
            dns-over-tls tcp/853
            docker-registry tcp/5000
            docker-swarm tcp/2377 tcp/7946 udp/7946 udp/4789
            elasticsearch tcp/9200 tcp/9300
            etcd tcp/2379-2380
            ftp tcp/21
            git tcp/9418
            grafana tcp/3000
            http tcp/80
            http-alt tcp/8080
            http3 udp/443
            https tcp/443
            https-alt tcp/8443
            imap tcp/143
            imaps tcp/993
            influxdb tcp/8086
            ipsec udp/500 udp/4500 esp
            iscsi tcp/3260
            kafka tcp/9092
            kerberos tcp/88 udp/88
            kubelet tcp/10250
            kubernetes-api tcp/6443
            ldap tcp/389
            ldaps tcp/636
            libvirt-tls tcp/16514
            loki tcp/3100
            mdns udp/5353
            memcached tcp/11211
            mongodb tcp/27017
            mqtt tcp/1883
            mqtts tcp/8883
            mssql tcp/1433
            mysql tcp/3306
            nats tcp/4222
            nfs tcp/2049
            node-exporter tcp/9100
            ntp udp/123
            opentelemetry tcp/4317-4318
            openvpn udp/1194
            oracle tcp/1521
            pop3 tcp/110
            pop3s tcp/995
            postgresql tcp/5432
            prometheus tcp/9090
            puppet tcp/8140
            radius udp/1812-1813
            rdp tcp/3389 udp/3389
            redis tcp/6379
            rsync tcp/873
            salt tcp/4505-4506
            sip tcp/5060-5061 udp/5060
            smb tcp/445
            smtp tcp/25
            smtps tcp/465
            snmp udp/161
            snmp-trap udp/162
            spice tcp/5900-5999
            squid tcp/3128
            ssh tcp/22
            submission tcp/587
            syslog tcp/514 udp/514
            syslog-tls tcp/6514
            tftp udp/69
            vmext-api tcp/7440
            vmext-gateway tcp/4320
            vnc tcp/5900-5999
            winrm tcp/5985-5986
            wireguard udp/51820
            zabbix-agent tcp/10050
            zabbix-server tcp/10051
            zookeeper tcp/2181
            """);

    Service {
        traffic = List.copyOf(traffic);
    }

    static Optional<Service> find(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    /** In alphabetical order. */
    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** As in the table: {@code tcp/53 udp/53}. */
    String text() {
        return String.join(" ", traffic.stream().map(Traffic::text).toList());
    }

    /** One packet of all these services is as good as another: ports of one protocol are joined. */
    static List<Traffic> joined(List<Service> services) {
        Map<Protocol, List<Ports>> ports = new LinkedHashMap<>();
        for (Service service : services) {
            for (Traffic one : service.traffic) {
                ports.computeIfAbsent(one.protocol(), _ -> new ArrayList<>()).addAll(one.ports());
            }
        }
        return ports.entrySet().stream()
                .map(e -> new Traffic(e.getKey(), e.getValue()))
                .toList();
    }

    private static Map<String, Service> table(String text) {
        Map<String, Service> services = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            List<String> words = List.of(line.split(" ", -1));
            List<Traffic> traffic = new ArrayList<>();
            for (String word : words.subList(1, words.size())) {
                int slash = word.indexOf('/');
                traffic.add(
                        slash < 0
                                ? new Traffic(Protocol.of(word), List.of())
                                : new Traffic(
                                        Protocol.of(word.substring(0, slash)),
                                        List.of(Ports.parse(word.substring(slash + 1)))));
            }
            services.put(words.getFirst(), new Service(words.getFirst(), traffic));
        }
        return services;
    }
}
