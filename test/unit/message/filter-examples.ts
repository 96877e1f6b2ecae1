/** What the README shows of each filter: what it does, in a few words, and a leaf that uses it. */
export const FILTER_EXAMPLES: Readonly<Record<string, { readonly does: string; readonly leaf: string }>> = {
  bold: { does: 'bold', leaf: '{{ state.label | bold }}' },
  italic: { does: 'italic', leaf: '{{ incident.channel | italic }}' },
  code: { does: 'in the type of code', leaf: '{{ incident.num | code }}' },
  strike: { does: 'struck through', leaf: '{{ incident.policy | strike }}' },
  link: { does: 'a link, if the address is http or https', leaf: '{{ "Runbook" | link: incident.url }}' },
  time: {
    does: 'an instant as "date_time", "time" or "relative", in the reader\'s own zone and language',
    leaf: '{{ incident.started_at | time: "time" }}',
  },
  relative: { does: 'the same as time: "relative"', leaf: '{{ incident.started_at | relative }}' },
  mention: {
    does: "a person's name; calls them in a reply that calls them anyway",
    leaf: '{{ incident.responders | first | mention }}',
  },
  duration: { does: 'a number of ms in the units that count', leaf: '{{ event.after_ms | duration }}' },
  plural: {
    does: 'a number with the word for one, or for many',
    leaf: '{{ incident.alert_count | plural: "alert", "alerts" }}',
  },
  truncate: {
    does: 'at most so many characters, with … where it was cut',
    leaf: '{{ incident.title | truncate: 12 }}',
  },
  upcase: { does: 'in capitals', leaf: '{{ severity.label | upcase }}' },
  downcase: { does: 'in small letters', leaf: '{{ severity.label | downcase }}' },
  capitalize: { does: 'with a capital first letter', leaf: '{{ event.label | capitalize }}' },
  default: { does: 'something else for what is empty', leaf: '{{ incident.root_cause | default: "not known yet" }}' },
  join: {
    does: 'the texts of a list as one; between them ", ", or what the language has there',
    leaf: '{{ incident.responders | map: "name" | join }}',
  },
  map: { does: 'one member of each record of a list', leaf: '{{ incident.labels | map: "name" | join: " / " }}' },
  value: {
    does: 'the value of the label or custom field of that name',
    leaf: '{{ incident.labels | value: "service" }}',
  },
  first: { does: 'the first of a list', leaf: '{{ incident.labels | map: "value" | first }}' },
  size: { does: 'how many are in a list, how long a text is', leaf: '{{ incident.labels | size }}' },
}
