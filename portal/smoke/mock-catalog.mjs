// The two official extensions as the API shows them; the schemas are those of their packages.
import { secondsAgo } from "./seconds-ago.mjs";

export const catalog = [
  {
    name: "vmext.Firewall",
    displayName: "Firewall",
    description: "Host firewall from declarative rules, with nftables. Owns one table and touches no other.",
    category: "security",
    kind: "continuous",
    instances: "one",
    scripts: false,
    platforms: ["linux/debian 12/amd64", "linux/ubuntu 22.04 24.04/amd64"],
    providers: [],
    latest: "1.0.0.2",
    settingsSchema: {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      title: "Firewall",
      additionalProperties: false,
      properties: {
        defaultInbound: {
          type: "string",
          title: "Other inbound traffic",
          description: "What happens to new connections to this machine that no rule names.",
          enum: ["accept", "drop"],
          default: "drop",
        },
        allowEstablished: {
          type: "boolean",
          title: "Allow established connections",
          description: "Let packets of connections pass that were allowed when they began.",
          default: true,
        },
        controlPlanePorts: {
          type: "array",
          title: "Ports of the control plane",
          description:
            "TCP ports that stay reachable from this machine whatever the rules say, so that it stays manageable.",
          items: {
            type: "integer",
            minimum: 1,
            maximum: 65535,
          },
          minItems: 1,
          maxItems: 16,
          default: [4320],
        },
        rules: {
          type: "array",
          title: "Rules",
          description: "Looked at from top to bottom; the first one that fits decides.",
          maxItems: 1000,
          default: [],
          items: {
            type: "object",
            additionalProperties: false,
            required: ["name", "action"],
            properties: {
              name: {
                type: "string",
                title: "Name",
                description: "Unique; shown in logs and in the list of rules.",
                pattern: "^[A-Za-z0-9][A-Za-z0-9 ._-]*$",
                maxLength: 60,
              },
              action: {
                type: "string",
                title: "Action",
                description: "drop lets the other side wait, reject answers at once.",
                enum: ["accept", "drop", "reject"],
              },
              direction: {
                type: "string",
                title: "Direction",
                description: "in: to this machine. out: from this machine.",
                enum: ["in", "out"],
                default: "in",
              },
              protocol: {
                type: "string",
                title: "Protocol",
                description: "icmp covers ICMP and ICMPv6. any with ports means TCP and UDP.",
                enum: ["tcp", "udp", "icmp", "any"],
                default: "any",
              },
              ports: {
                type: "array",
                title: "Ports",
                description: 'Destination ports, as 22 or "8000-8100". None means all.',
                items: {
                  type: ["integer", "string"],
                  minimum: 1,
                  maximum: 65535,
                  pattern: "^[0-9]{1,5}(-[0-9]{1,5})?$",
                },
                maxItems: 256,
                default: [],
              },
              sources: {
                type: "array",
                title: "From",
                description: "Addresses or networks, IPv4 or IPv6, like 10.0.0.0/8. None means all.",
                items: {
                  type: "string",
                  pattern: "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$",
                },
                maxItems: 1000,
                default: [],
              },
              destinations: {
                type: "array",
                title: "To",
                description: "Addresses or networks, like sources. None means all.",
                items: {
                  type: "string",
                  pattern: "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$",
                },
                maxItems: 1000,
                default: [],
              },
              log: {
                type: "boolean",
                title: "Log",
                description: "Write a line to the kernel log for packets that fit, at most 10 per second.",
                default: false,
              },
              counter: {
                type: "boolean",
                title: "Count",
                description: "Count packets and bytes that fit.",
                default: true,
              },
            },
          },
        },
      },
    },
    protectedSchema: {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      additionalProperties: false,
      properties: {},
    },
    uiSchema: {
      "ui:order": ["defaultInbound", "rules", "allowEstablished", "controlPlanePorts"],
      defaultInbound: {
        "ui:widget": "radio",
      },
      rules: {
        items: {
          "ui:order": ["name", "action", "direction", "protocol", "ports", "sources", "destinations", "log", "counter"],
        },
      },
    },
    versions: [
      {
        version: "1.0.0.2",
        state: "active",
        digest: "sha256:3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a",
        size: 48211,
        keyId: "vmext-2026-1",
        publishedAt: secondsAgo(3600),
      },
      {
        version: "1.0.0.1",
        state: "deprecated",
        digest: "sha256:9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c9c",
        size: 47105,
        keyId: "vmext-2026-1",
        publishedAt: secondsAgo(259200),
      },
    ],
  },
  {
    name: "vmext.CustomScript",
    displayName: "Custom script",
    description: "Runs a script once per change of its settings and reports exit code and output.",
    category: "management",
    kind: "one-shot",
    instances: "many",
    scripts: true,
    platforms: ["linux/amd64"],
    providers: [],
    latest: "1.0.0.1",
    settingsSchema: {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      title: "Custom script",
      additionalProperties: false,
      properties: {
        script: {
          type: "string",
          title: "Script",
          description:
            "The text of the script. Its first line may name the interpreter (#!/usr/bin/env python3); without one it is run by /bin/sh. Give either this, commandToExecute, or the protected setting script.",
          minLength: 1,
          maxLength: 262144,
        },
        commandToExecute: {
          type: "string",
          title: "Command",
          description: "A command line for /bin/sh, as a shorter way to give a script.",
          minLength: 1,
          maxLength: 262144,
        },
        arguments: {
          type: "array",
          title: "Arguments",
          description: "Passed to the script as they are, one by one; no shell looks at them.",
          items: {
            type: "string",
          },
          default: [],
        },
        environment: {
          type: "object",
          title: "Environment",
          description: "Variables for the script.",
          propertyNames: {
            pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
          },
          additionalProperties: {
            type: "string",
          },
          default: {},
        },
        timeoutSeconds: {
          type: "integer",
          title: "Time limit in seconds",
          description:
            "When the script has not ended after this time, it and all processes it started are ended, and it counts as failed.",
          minimum: 1,
          maximum: 14400,
          default: 1800,
        },
        workingDirectory: {
          type: "string",
          title: "Working folder",
          description:
            "The absolute path of an existing folder the script starts in. By default a new, empty folder that is removed with the installation.",
          pattern: "^/",
        },
      },
    },
    protectedSchema: {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      title: "Protected settings of Custom script",
      additionalProperties: false,
      properties: {
        script: {
          type: "string",
          title: "Script",
          description: "The text of a script that holds secrets. Instead of the setting of the same name.",
          minLength: 1,
          maxLength: 262144,
        },
        arguments: {
          type: "array",
          title: "Secret arguments",
          description:
            "Passed after the public ones. Other users of the machine can see them in the process list while the script runs; prefer environment.",
          items: {
            type: "string",
          },
          default: [],
        },
        environment: {
          type: "object",
          title: "Secret environment",
          description: "Variables for the script that hold secrets. Masked in all output.",
          propertyNames: {
            pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
          },
          additionalProperties: {
            type: "string",
          },
          default: {},
        },
      },
    },
    uiSchema: {
      "ui:order": ["script", "commandToExecute", "arguments", "environment", "timeoutSeconds", "workingDirectory"],
      script: {
        "ui:widget": "textarea",
        "ui:options": {
          rows: 12,
        },
      },
    },
    versions: [
      {
        version: "1.0.0.1",
        state: "active",
        digest: "sha256:e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1",
        size: 51877,
        keyId: "vmext-2026-1",
        publishedAt: secondsAgo(3600),
      },
    ],
  },
];
