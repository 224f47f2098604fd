/*CMD
  command: /link
  help: makes a link that runs /hello
CMD*/

// A link is signed: whoever changes a letter of it is refused. So it can be given to a shop, a form or a friend.
let link = {
  command: "/hello",
  content: "a link made by /link",
};
// For a user: the script then knows who it is, whoever opens the link.
if (user) link.user_id = user.id;

Bot.sendMessage(Libs.Webhooks.getUrlFor(link));
