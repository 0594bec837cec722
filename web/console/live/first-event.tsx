/** What fills an empty console: the command that sends the first event, ready to be pasted where the server runs. */
export function FirstEvent() {
  const event = { specversion: '1.0', id: '1', source: 'shell', type: 'message.received', subject: 'user:42', data: { text: 'My card was declined' } }
  return (
    <>
      <p>No decision yet. It starts with an event:</p>
      <pre class="command">
        {`curl ${location.origin}/v1/events \\\n  -H "authorization: Bearer $BATTUTA_KEY" \\\n  -H 'content-type: application/cloudevents+json' \\\n  -d '${JSON.stringify(event)}'`}
      </pre>
      <p class="small dim">
        or run the demo company: <code>npm start</code>
      </p>
    </>
  )
}
