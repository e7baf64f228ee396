import KubernetesAPI

/// The draft definitions that the contract was recorded with, as far as the recordings show them.
enum DraftDefinitions {
  static let all = [workflow, bucket]

  private static let function: JSONValue = [
    "type": "object", "required": ["name"],
    "properties": [
      "name": ["type": "string", "maxLength": 63, "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"],
      "timeout": ["type": "string"], "outputs": ["type": "array", "items": ["type": "string"]],
      "calls": ["type": "array", "items": ["type": "string"]],
    ],
  ]

  private static let conditions: JSONValue = [
    "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
    "items": [
      "type": "object", "required": ["type", "status"],
      "properties": [
        "type": ["type": "string"], "status": ["type": "string", "enum": ["True", "False", "Unknown"]],
        "reason": ["type": "string"], "message": ["type": "string"], "observedGeneration": ["type": "integer"],
        "lastTransitionTime": ["type": "string", "format": "date-time"],
      ],
    ],
  ]

  private static let workflow = definition(
    kind: "Workflow", plural: "workflows", short: "pwf",
    spec: [
      "type": "object", "required": ["entry", "functions", "template"],
      "x-kubernetes-validations": [["rule": "self.functions.exists(f, f.name == self.entry)"]],
      "properties": [
        "replicas": ["type": "integer", "minimum": 0, "default": 1], "entry": ["type": "string"],
        "functions": [
          "type": "array", "minItems": 1, "maxItems": 64, "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"], "items": function,
        ],
        "executors": ["type": "integer", "minimum": 1, "maximum": 64, "default": 1],
        "sessionTimeout": ["type": "string", "default": "60s"],
        "sharedMemory": [
          "type": "string", "default": "256Mi", "pattern": "^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$",
        ],
        "template": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
      ],
    ],
    status: [
      "type": "object",
      "properties": [
        "conditions": conditions, "replicas": ["type": "integer"], "ready": ["type": "string"],
        "selector": ["type": "string"],
        "sessions": [
          "type": "object",
          "properties": [
            "active": ["type": "integer"], "succeeded": ["type": "integer"], "failed": ["type": "integer"],
          ],
        ],
      ],
    ],
    columns: [
      ("Ready", "string", ".status.ready"), ("Replicas", "integer", ".spec.replicas"),
      ("Active", "integer", ".status.sessions.active"), ("Succeeded", "integer", ".status.sessions.succeeded"),
      ("Failed", "integer", ".status.sessions.failed"), ("Age", "date", ".metadata.creationTimestamp"),
    ], hasScale: true)

  private static let bucket = definition(
    kind: "Bucket", plural: "buckets", short: "pbkt",
    spec: [
      "type": "object", "required": ["workflow"],
      "properties": [
        "workflow": [
          "type": "string",
          "x-kubernetes-validations": [["rule": "self == oldSelf", "message": "workflow is immutable"]],
        ],
        "triggers": [
          "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
          "items": [
            "type": "object", "required": ["name", "target"],
            "properties": [
              "name": ["type": "string"], "target": ["type": "string"], "immediate": ["type": "object"],
              "bySet": [
                "type": "object", "required": ["names"],
                "properties": [
                  "names": [
                    "type": "array", "minItems": 1, "x-kubernetes-list-type": "set", "items": ["type": "string"],
                  ]
                ],
              ],
              "byBatchSize": [
                "type": "object",
                "properties": [
                  "count": ["type": "integer", "minimum": 1],
                  "scope": ["type": "string", "enum": ["Workflow", "Session"]],
                ],
              ],
            ],
          ],
        ],
      ],
    ], status: ["type": "object", "x-kubernetes-preserve-unknown-fields": true], columns: [], hasScale: false)

  private static func definition(
    kind: String, plural: String, short: String, spec: JSONValue, status: JSONValue,
    columns: [(name: String, type: String, path: String)], hasScale: Bool
  ) -> JSONValue {
    var subresources: JSONValue = ["status": [:]]
    if hasScale {
      subresources["scale"] = [
        "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
      ]
    }
    return [
      "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
      "metadata": ["name": .string("\(plural).pheromone.dev")],
      "spec": [
        "group": "pheromone.dev", "scope": "Namespaced",
        "names": [
          "kind": .string(kind), "plural": .string(plural), "shortNames": [.string(short)], "categories": ["pheromone"],
        ],
        "versions": [
          [
            "name": "v1alpha1", "served": true, "storage": true, "subresources": subresources,
            "additionalPrinterColumns": .array(
              columns.map {
                ["name": .string($0.name), "type": .string($0.type), "jsonPath": .string($0.path)]
              }),
            "schema": [
              "openAPIV3Schema": [
                "type": "object", "required": ["spec"], "properties": ["spec": spec, "status": status],
              ]
            ],
          ]
        ],
      ],
    ]
  }
}
