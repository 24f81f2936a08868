package schema

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml"
)

type (
	object = yaml.MapSlice
	item   = yaml.MapItem
)

// asyncAPI is the AsyncAPI 3.0 document: a channel for each aggregate, whose
// messages only the owning service sends.
func asyncAPI(docs []Doc) ([]byte, error) {
	var channels, operations, messages object
	for i := 0; i < len(docs); {
		context, aggregate := docs[i].Context, docs[i].Aggregate
		name := context + "." + aggregate
		var refs object
		var sent []object
		for ; i < len(docs) && docs[i].Context == context && docs[i].Aggregate == aggregate; i++ {
			id := fmt.Sprintf("%s.v%d", docs[i].Type, docs[i].Version())
			refs = append(refs, item{Key: id, Value: ref("#/components/messages/" + id)})
			sent = append(sent, ref("#/channels/"+name+"/messages/"+id))
			messages = append(messages, item{Key: id, Value: message(docs[i])})
		}
		channels = append(channels, item{Key: name, Value: object{
			{Key: "address", Value: "evt." + name + ".{id}"},
			{Key: "description", Value: "One stream for each " + aggregate + " of the " + context + " service."},
			{Key: "parameters", Value: object{{Key: "id", Value: object{{Key: "description", Value: "The stream's id."}}}}},
			{Key: "messages", Value: refs},
		}})
		operations = append(operations, item{Key: "send." + name, Value: object{
			{Key: "action", Value: "send"},
			{Key: "summary", Value: "Only the " + context + " service publishes here."},
			{Key: "channel", Value: ref("#/channels/" + name)},
			{Key: "tags", Value: []object{{{Key: "name", Value: context}}}},
			{Key: "messages", Value: sent},
		}})
	}
	doc := object{
		{Key: "asyncapi", Value: "3.0.0"},
		{Key: "id", Value: "urn:kith:events"},
		{Key: "info", Value: object{
			{Key: "title", Value: "Kith events"},
			{Key: "version", Value: "1.0.0"},
			{Key: "description", Value: "Every fact of Kith, in one JetStream stream named EVENTS. Envelopes are CloudEvents 1.0 in the binary mode of the NATS binding: attributes are headers, data is the message. Fields marked x-sealed are encrypted with a key of the person they belong to."},
		}},
		{Key: "defaultContentType", Value: "application/json"},
		{Key: "channels", Value: channels},
		{Key: "operations", Value: operations},
		{Key: "components", Value: object{
			{Key: "messages", Value: messages},
			{Key: "messageTraits", Value: object{{Key: "envelope", Value: object{{Key: "headers", Value: headers()}}}}},
		}},
	}
	var b bytes.Buffer
	b.WriteString("# Generated from api/events by make generate; do not edit.\n")
	if err := yaml.NewEncoder(&b, yaml.Indent(2), yaml.IndentSequence(true)).Encode(doc); err != nil {
		return nil, fmt.Errorf("schema: asyncapi: %w", err)
	}
	return b.Bytes(), nil
}

func message(d Doc) object {
	return object{
		{Key: "name", Value: d.Type},
		{Key: "title", Value: d.Type},
		{Key: "summary", Value: d.Schema.Description},
		{Key: "contentType", Value: "application/json"},
		{Key: "traits", Value: []object{ref("#/components/messageTraits/envelope")}},
		{Key: "payload", Value: ref(d.Path)},
	}
}

// headers is the schema of the envelope, as pkg/es writes it.
func headers() object {
	var properties object
	add := func(name, description string, more ...item) {
		properties = append(properties, item{Key: name, Value: append(
			object{{Key: "type", Value: "string"}, {Key: "description", Value: description}}, more...)})
	}
	instant := item{Key: "format", Value: "date-time"}
	add("ce-specversion", "Version of CloudEvents.", item{Key: "const", Value: "1.0"})
	add("ce-id", "Id of the event: hash of subject and command.")
	add("ce-type", "Type of the event.")
	add("ce-source", "/context/aggregate/id of the stream.")
	add("ce-time", "When the event was appended, UTC.", instant)
	add("ce-schema", "Version of the data's schema, from 2; after a semicolon the oldest version whose readers can read it, if that is older. Left out: 1.", item{Key: "pattern", Value: "^[0-9]+(;[0-9]+)?$"})
	add("ce-command", "Id of the command, the key of idempotency; after a semicolon the hash of what it asked for.")
	add("ce-cause", "Id of the event that caused the command; after a semicolon its position.")
	add("ce-correlation", "Id of the first command of the story; left out: this one.")
	add("ce-actor", "Id of the person, or reactor:name; after a semicolon the position at which permission was judged.")
	add("ce-reason", "A code, never free text.")
	add("ce-occurred", "Original time of imported history.", instant)
	add("ce-imported", "true for imported history, which causes nothing.", item{Key: "const", Value: "true"})
	add("traceparent", "W3C trace context.")
	return object{
		{Key: "type", Value: "object"},
		{Key: "required", Value: []string{"ce-specversion", "ce-id", "ce-type", "ce-source", "ce-time", "ce-command"}},
		{Key: "properties", Value: properties},
	}
}

func ref(to string) object { return object{{Key: "$ref", Value: to}} }
