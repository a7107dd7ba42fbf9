package dev.vmext.protocol.opamp;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import com.google.protobuf.Descriptors;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.util.List;
import java.util.Locale;

/**
 * The field table of OpAMP 0.18 as protobuf-java descriptors, made when a test runs: an independent second statement of the field
 * numbers, which the records' own numbers are checked against. A line is a message; a field is {@code name number type}; a leading
 * {@code *} makes it repeated, {@code map<X>} a map from string, {@code |} a member of the message's oneof.
 */
final class OpampDescriptors {
    private static final String TABLE = """
            AgentToServer: instance_uid 1 bytes; sequence_num 2 uint64; agent_description 3 AgentDescription; capabilities 4 uint64; \
            health 5 ComponentHealth; effective_config 6 EffectiveConfig; remote_config_status 7 RemoteConfigStatus; \
            package_statuses 8 PackageStatuses; agent_disconnect 9 AgentDisconnect; flags 10 uint64; \
            connection_settings_request 11 ConnectionSettingsRequest; custom_capabilities 12 CustomCapabilities; \
            custom_message 13 CustomMessage; available_components 14 AvailableComponents; \
            connection_settings_status 15 ConnectionSettingsStatus
            ServerToAgent: instance_uid 1 bytes; error_response 2 ServerErrorResponse; remote_config 3 AgentRemoteConfig; \
            connection_settings 4 ConnectionSettingsOffers; packages_available 5 PackagesAvailable; flags 6 uint64; \
            capabilities 7 uint64; agent_identification 8 AgentIdentification; command 9 ServerToAgentCommand; \
            custom_capabilities 10 CustomCapabilities; custom_message 11 CustomMessage
            AgentDescription: identifying_attributes 1 *KeyValue; non_identifying_attributes 2 *KeyValue
            KeyValue: key 1 string; value 2 AnyValue
            AnyValue: string_value 1 |string; bool_value 2 |bool; int_value 3 |int64; double_value 4 |double; \
            array_value 5 |ArrayValue; kvlist_value 6 |KeyValueList; bytes_value 7 |bytes
            ArrayValue: values 1 *AnyValue
            KeyValueList: values 1 *KeyValue
            ComponentHealth: healthy 1 bool; start_time_unix_nano 2 fixed64; last_error 3 string; status 4 string; \
            status_time_unix_nano 5 fixed64; component_health_map 6 map<ComponentHealth>; attributes 7 *KeyValue
            EffectiveConfig: config_map 1 AgentConfigMap
            AgentConfigMap: config_map 1 map<AgentConfigFile>
            AgentConfigFile: body 1 bytes; content_type 2 string
            AgentRemoteConfig: config 1 AgentConfigMap; config_hash 2 bytes
            RemoteConfigStatus: last_remote_config_hash 1 bytes; status 2 enum4; error_message 3 string
            ConnectionSettingsStatus: last_connection_settings_hash 1 bytes; status 2 enum4; error_message 3 string
            PackagesAvailable: packages 1 map<PackageAvailable>; all_packages_hash 2 bytes
            PackageAvailable: type 1 enum2; version 2 string; file 3 DownloadableFile; hash 4 bytes
            DownloadableFile: download_url 1 string; content_hash 2 bytes; signature 3 bytes; headers 4 Headers
            PackageStatuses: packages 1 map<PackageStatus>; server_provided_all_packages_hash 2 bytes; error_message 3 string
            PackageStatus: name 1 string; agent_has_version 2 string; agent_has_hash 3 bytes; server_offered_version 4 string; \
            server_offered_hash 5 bytes; status 6 enum5; error_message 7 string; download_details 8 PackageDownloadDetails
            PackageDownloadDetails: download_percent 1 double; download_bytes_per_second 2 double
            AgentDisconnect:
            ConnectionSettingsRequest: opamp 1 OpampConnectionSettingsRequest
            OpampConnectionSettingsRequest: certificate_request 1 CertificateRequest
            CertificateRequest: csr 1 bytes
            ConnectionSettingsOffers: hash 1 bytes; opamp 2 OpampConnectionSettings; own_metrics 3 TelemetryConnectionSettings; \
            own_traces 4 TelemetryConnectionSettings; own_logs 5 TelemetryConnectionSettings; \
            other_connections 6 map<OtherConnectionSettings>
            OpampConnectionSettings: destination_endpoint 1 string; headers 2 Headers; certificate 3 TlsCertificate; \
            heartbeat_interval_seconds 4 uint64; tls 5 TlsConnectionSettings; proxy 6 ProxyConnectionSettings
            TelemetryConnectionSettings: destination_endpoint 1 string; headers 2 Headers; certificate 3 TlsCertificate; \
            tls 4 TlsConnectionSettings; proxy 5 ProxyConnectionSettings
            OtherConnectionSettings: destination_endpoint 1 string; headers 2 Headers; certificate 3 TlsCertificate; \
            other_settings 4 map<string>; tls 5 TlsConnectionSettings; proxy 6 ProxyConnectionSettings
            TlsCertificate: cert 1 bytes; private_key 2 bytes; ca_cert 3 bytes
            TlsConnectionSettings: ca_pem_contents 1 string; include_system_ca_certs_pool 2 bool; insecure_skip_verify 3 bool; \
            min_version 4 string; max_version 5 string; cipher_suites 6 *string
            ProxyConnectionSettings: url 1 string; connect_headers 2 Headers
            Headers: headers 1 *Header
            Header: key 1 string; value 2 string
            ServerErrorResponse: type 1 enum3; error_message 2 string; retry_info 3 |RetryInfo
            RetryInfo: retry_after_nanoseconds 1 uint64
            ServerToAgentCommand: type 1 enum1
            AgentIdentification: new_instance_uid 1 bytes
            CustomCapabilities: capabilities 1 *string
            CustomMessage: capability 1 string; type 2 string; data 3 bytes
            AvailableComponents: components 1 map<ComponentDetails>; hash 2 bytes
            ComponentDetails: metadata 1 *KeyValue; sub_component_map 2 map<ComponentDetails>
            """;

    private static final FileDescriptor FILE = build();

    private OpampDescriptors() {}

    static Descriptor message(String name) {
        return FILE.findMessageTypeByName(name);
    }

    static List<Descriptor> messages() {
        return FILE.getMessageTypes();
    }

    /** How many values the enum of this field has; the table writes {@code enum4} for one with numbers 0 to 3. */
    static int enumSize(FieldDescriptor field) {
        return switch (field.getContainingType().getName()) {
            case "ServerToAgentCommand" -> 1;
            case "PackageAvailable" -> 2;
            case "ServerErrorResponse" -> 3;
            case "RemoteConfigStatus", "ConnectionSettingsStatus" -> 4;
            case "PackageStatus" -> 5;
            default -> throw new IllegalStateException("no enum in " + field.getFullName());
        };
    }

    private static FileDescriptor build() {
        FileDescriptorProto.Builder file = FileDescriptorProto.newBuilder()
                .setName("table")
                .setPackage("t")
                .setSyntax("proto3");
        for (String line : TABLE.lines().toList()) {
            int colon = line.indexOf(':');
            file.addMessageType(
                    message(line.substring(0, colon), line.substring(colon + 1).strip()));
        }
        try {
            return FileDescriptor.buildFrom(file.build(), new FileDescriptor[0]);
        } catch (Descriptors.DescriptorValidationException e) {
            throw new IllegalStateException("the field table is wrong", e);
        }
    }

    private static DescriptorProto message(String name, String fields) {
        DescriptorProto.Builder message = DescriptorProto.newBuilder().setName(name);
        for (String field : split(fields)) {
            List<String> parts = List.of(field.strip().split(" ", -1));
            String type = parts.get(2);
            FieldDescriptorProto.Builder built =
                    FieldDescriptorProto.newBuilder().setName(parts.get(0)).setNumber(Integer.parseInt(parts.get(1)));
            built.setLabel(Label.LABEL_OPTIONAL);
            if (type.startsWith("*")) {
                built.setLabel(Label.LABEL_REPEATED);
                setType(built, type.substring(1));
            } else if (type.startsWith("map<")) {
                String entry = entryName(parts.get(0));
                message.addNestedType(mapEntry(entry, type.substring(4, type.length() - 1)));
                built.setLabel(Label.LABEL_REPEATED)
                        .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
                        .setTypeName(".t." + name + "." + entry);
            } else if (type.startsWith("|")) {
                if (message.getOneofDeclCount() == 0) {
                    message.addOneofDecl(OneofDescriptorProto.newBuilder().setName("kind"));
                }
                built.setOneofIndex(0);
                setType(built, type.substring(1));
            } else {
                setType(built, type);
            }
            message.addField(built);
        }
        return message.build();
    }

    private static DescriptorProto mapEntry(String name, String valueType) {
        FieldDescriptorProto.Builder value =
                FieldDescriptorProto.newBuilder().setName("value").setNumber(2).setLabel(Label.LABEL_OPTIONAL);
        setType(value, valueType);
        return DescriptorProto.newBuilder()
                .setName(name)
                .setOptions(MessageOptions.newBuilder().setMapEntry(true))
                .addField(FieldDescriptorProto.newBuilder()
                        .setName("key")
                        .setNumber(1)
                        .setLabel(Label.LABEL_OPTIONAL)
                        .setType(FieldDescriptorProto.Type.TYPE_STRING))
                .addField(value)
                .build();
    }

    private static void setType(FieldDescriptorProto.Builder field, String type) {
        if (type.startsWith("enum")) {
            // An int32 has the same encoding as an enum.
            field.setType(FieldDescriptorProto.Type.TYPE_INT32);
        } else if (Character.isUpperCase(type.charAt(0))) {
            field.setType(FieldDescriptorProto.Type.TYPE_MESSAGE).setTypeName(".t." + type);
        } else {
            field.setType(FieldDescriptorProto.Type.valueOf("TYPE_" + type.toUpperCase(Locale.ROOT)));
        }
    }

    private static String entryName(String field) {
        return Records.camelCase("_" + field) + "Entry";
    }

    private static List<String> split(String fields) {
        return fields.isEmpty() ? List.of() : List.of(fields.split(";", -1));
    }
}
