/*CMD
  command: @
  help: runs before every other command of this bot
CMD*/

// What stands in "@" is put in front of every command: declare here what more than one of them needs.
// (A command "@@" would be put behind every command.)

// A link may be made for no user at all: then there is no `user`, and we call the caller "stranger".
function nameOfCaller() {
  return user && user.first_name ? user.first_name : "stranger";
}
