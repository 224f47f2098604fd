/** The members of BJS that exist, built or not: what a misspelt one is compared with. */
const MEMBERS: Record<string, readonly string[]> = {
  Bot: `sendMessage inspect run runCommand getProp getProperty setProp setProperty deleteProp deleteProperty
    sendMessageToChatWithId sendMessageToChat sendMessageToAllChats sendMessageToAllPrivateChats editMessage
    editMessageInChat sendKeyboard sendInlineKeyboard sendInlineKeyboardToChatWithId editInlineKeyboard clearRunAfter
    runAll setCache clearCache blockChat unblockChat importCSV importGit exportGit`.split(/\s+/),
  User: `getProp getProperty setProp setProperty deleteProp deleteProperty sendMessage addToGroup getGroup removeGroup
    setCache clearCache`.split(/\s+/),
  HTTP: "get post put delete options".split(" "),
  WebApp: "getUrl render".split(" "),
  AdminPanel: "setPanel getPanel getPanelValues getPanelField getFieldValue setFieldValue deletePanel".split(" "),
  "Libs.Webhooks": "getUrlFor getGlobalUrl getUrl setApiKey".split(" "),
};
const NOT_A_FUNCTION = /^(Bot|User|HTTP|WebApp|AdminPanel|Libs\.Webhooks)\??\.([\w$]+) is not a function$/;

/** Adds the nearest real member to the engine's own words about a member that does not exist. */
export function withNearestMember(message: string): string {
  const [, root = "", name = ""] = NOT_A_FUNCTION.exec(message) ?? [];
  const nearest = nearestOf(name, MEMBERS[root] ?? []);
  // The same name: the script declared something of its own under the root's.
  return nearest === undefined || nearest === name ? message : `${message}: did you mean ${root}.${nearest}?`;
}

function nearestOf(name: string, members: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const member of members) {
    const far = editDistance(name.toLowerCase(), member.toLowerCase());
    if (far < least) {
      least = far;
      best = member;
    }
  }
  return best;
}

/** Levenshtein distance: single characters added, dropped or changed. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
