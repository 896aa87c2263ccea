#include "CContract.h"

// The folder topics/, sorted. A test compares this list with the folder.

static const unsigned char README_md[] = {
#embed "../../../topics/README.md"
};
static const unsigned char asyncapi_yaml[] = {
#embed "../../../topics/asyncapi.yaml"
};
static const unsigned char commands_examples_jsonl[] = {
#embed "../../../topics/commands.examples.jsonl"
};
static const unsigned char commands_md[] = {
#embed "../../../topics/commands.md"
};
static const unsigned char commands_schema_json[] = {
#embed "../../../topics/commands.schema.json"
};
static const unsigned char commands_yaml[] = {
#embed "../../../topics/commands.yaml"
};
static const unsigned char document_schema_json[] = {
#embed "../../../topics/document.schema.json"
};
static const unsigned char documents_md[] = {
#embed "../../../topics/documents.md"
};
static const unsigned char events_examples_jsonl[] = {
#embed "../../../topics/events.examples.jsonl"
};
static const unsigned char events_md[] = {
#embed "../../../topics/events.md"
};
static const unsigned char events_schema_json[] = {
#embed "../../../topics/events.schema.json"
};
static const unsigned char events_yaml[] = {
#embed "../../../topics/events.yaml"
};
static const unsigned char lifecycle_md[] = {
#embed "../../../topics/lifecycle.md"
};
static const unsigned char specs_examples_jsonl[] = {
#embed "../../../topics/specs.examples.jsonl"
};
static const unsigned char specs_md[] = {
#embed "../../../topics/specs.md"
};
static const unsigned char specs_schema_json[] = {
#embed "../../../topics/specs.schema.json"
};
static const unsigned char specs_yaml[] = {
#embed "../../../topics/specs.yaml"
};
static const unsigned char status_examples_jsonl[] = {
#embed "../../../topics/status.examples.jsonl"
};
static const unsigned char status_md[] = {
#embed "../../../topics/status.md"
};
static const unsigned char status_schema_json[] = {
#embed "../../../topics/status.schema.json"
};
static const unsigned char status_yaml[] = {
#embed "../../../topics/status.yaml"
};

static const struct contract_file files[] = {
    {"README.md", README_md, sizeof README_md},
    {"asyncapi.yaml", asyncapi_yaml, sizeof asyncapi_yaml},
    {"commands.examples.jsonl", commands_examples_jsonl, sizeof commands_examples_jsonl},
    {"commands.md", commands_md, sizeof commands_md},
    {"commands.schema.json", commands_schema_json, sizeof commands_schema_json},
    {"commands.yaml", commands_yaml, sizeof commands_yaml},
    {"document.schema.json", document_schema_json, sizeof document_schema_json},
    {"documents.md", documents_md, sizeof documents_md},
    {"events.examples.jsonl", events_examples_jsonl, sizeof events_examples_jsonl},
    {"events.md", events_md, sizeof events_md},
    {"events.schema.json", events_schema_json, sizeof events_schema_json},
    {"events.yaml", events_yaml, sizeof events_yaml},
    {"lifecycle.md", lifecycle_md, sizeof lifecycle_md},
    {"specs.examples.jsonl", specs_examples_jsonl, sizeof specs_examples_jsonl},
    {"specs.md", specs_md, sizeof specs_md},
    {"specs.schema.json", specs_schema_json, sizeof specs_schema_json},
    {"specs.yaml", specs_yaml, sizeof specs_yaml},
    {"status.examples.jsonl", status_examples_jsonl, sizeof status_examples_jsonl},
    {"status.md", status_md, sizeof status_md},
    {"status.schema.json", status_schema_json, sizeof status_schema_json},
    {"status.yaml", status_yaml, sizeof status_yaml},
};

size_t contract_count(void) { return sizeof files / sizeof files[0]; }

struct contract_file contract_file_at(size_t index) {
  return index < contract_count() ? files[index] : (struct contract_file){0};
}
