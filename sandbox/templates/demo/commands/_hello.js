/*CMD
  command: /hello
  help: greets whoever calls, and counts the visits
  aliases: hello, hi
CMD*/

// This is a command. The lines above are its header; everything below is the script that runs.
// A link, an API call or a chat starts it. Open the same link twice and watch the number grow.

// Properties are values that stay. A user has their own, the bot has others.
// The second argument is what you get while there is no such property yet.
let visits;
if (user) {
  visits = User.getProperty("visits", 0) + 1;
  User.setProperty("visits", visits, "integer");
} else {
  visits = Bot.getProperty("visits", 0) + 1;
  Bot.setProperty("visits", visits, "integer");
}
// Two calls at the same moment do not lose a visit: each run counts as if it were alone.

// Somebody who types the command gives no `options`. A link does: how it was called, and with what.
if (options) {
  let text = "Called by " + options.method + ".";
  // The body of a POST, or the content that the link was made with. Without either it is "".
  if (content) text = text + " It brought: " + content;
  // What the caller appended to the link, such as &colour=red. Anybody can write anything there: never trust it.
  if (options.params.colour) text = text + " Your colour: " + options.params.colour;
  Bot.sendMessage(text);
}

// Of all messages the last one is the answer that the caller of a link gets.
Bot.sendMessage("Hello, " + nameOfCaller() + "! Visits: " + visits + ".");
