import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openYard, type TestYard, texts } from "../run/yard.ts";

let yard: TestYard;
beforeAll(() => {
  yard = openYard();
});
afterAll(() => {
  yard.close();
});

/** Members of the dialect that this version does not have, by their root. */
const MISSING: Record<string, string> = {
  Bot: `sendMessageToChatWithId sendMessageToChat sendMessageToAllChats sendMessageToAllPrivateChats editMessage
    editMessageInChat sendKeyboard sendInlineKeyboard sendInlineKeyboardToChatWithId editInlineKeyboard clearRunAfter runAll
    setCache clearCache blockChat unblockChat importCSV importGit exportGit`,
  User: "addToGroup getGroup removeGroup setCache clearCache",
  HTTP: "get post put delete options patch trace",
  Http: "post",
  WebApp: "getUrl render",
  AdminPanel: "setPanel getPanel getPanelValues getPanelValue getPanelField getFieldValue setFieldValue deletePanel",
  Api: `sendMessage deleteMessage editMessageText sendPhoto answerCallbackQuery AnswerCallbackQuery sendChatAction
    getChatMember editMessageCaption restrictChatMember sendVideo sendSticker sendDocument editMessageMedia banChatMember
    answerInlineQuery copyMessage unbanChatMember sendAudio forwardMessage sendAnimation getUserProfilePhotos
    getChatAdministrators sendVoice getChat pinChatMessage getFile sendDice getChatMemberCount sendPoll promoteChatMember
    setMyCommands answerPreCheckoutQuery sendContact sendLocation exportChatInviteLink setChatDescription setChatTitle
    leaveChat unpinChatMessage call anyMethodThatTelegramMakesUp`,
  ResLib: "userRes chatRes anotherUserRes anotherChatRes growthFor",
  RefLib: "track getLink getRefLink getRefList getRefCount getAttractedBy getTopList clearRef",
  CommonLib: "getNameFor getLinkFor",
  TopBoardLib: "addScore getBoard resetBoard",
  CurrencyQuote: "convert fiat crypto",
  Command: "setValue",
  "Libs.ResourcesLib": "userRes chatRes anotherUserRes anotherChatRes growthFor",
  "Libs.ReferralLib":
    "currentUser getRefCount getRefList getAttractedBy getLink getTopList track topList getRefLink setLinkPrefix",
  "Libs.commonLib": "getLinkFor getNameFor",
  "Libs.Random": "randomInt randomFloat sendMessage",
  "Libs.DateTimeFormat": "format",
  "Libs.Lang": "get user setup t default",
  "Libs.CooldownLib": "chat user watch getCooldown",
  "Libs.MembershipChecker": "check setup getNotJoinedChats isMember getChats handle",
  "Libs.CoinPayments":
    "createPermanentWallet apiCall setPrivateKey setPublicKey setBBApiKey callTestPermanentWalletIncome getTxInfo createTransaction",
};
const missing = Object.entries(MISSING).flatMap(([root, names]) => names.split(/\s+/).map((name) => ({ root, name })));

test("each member of the dialect that is not there yet throws an error that names it, and marks the run", async () => {
  const code = `var said = []; ${missing.map(({ root, name }) => `try { ${root}.${name}({}); said.push('nothing') } catch (e) { said.push(e.name + ' ' + e.message) }`).join("\n")}\nBot.sendMessage(said.join('\\n'))`;

  const said = (await yard.script(code)).answer?.split("\n");

  expect(said).toEqual(
    missing.map(
      ({ root, name }) =>
        `Error ${root === "Http" ? "HTTP" : root}.${name} is not supported by this version of Botyard yet`,
    ),
  );
});

test.each([
  ...[
    "Bot.sendKeyboard('a', 'b')",
    "Api.call('sendMessage', {})",
    "HTTP.get({ url: 'https://a.example/' })",
    "User.getGroup()",
    "WebApp.render({ content: 'x' })",
    "AdminPanel.getPanelValues('x')",
    "Libs.ResourcesLib.userRes('a')",
    "Libs.Random.randomInt(1, 2)",
  ],
  ...[
    "new List({ name: 'l' })",
    "new RunAllTask({ id: 1 })",
    "new SmartBot({})",
    "new SmartTasker()",
    "new SmartAmountDialog()",
    "CurrencyQuote.convert({})",
    "RefLib.track()",
  ],
  ...[
    "Bot.run({ command: '/a', run_after: 1 })",
    "Bot.run({ command: '/a', run_after: '0.5' })",
    "Bot.run({ command: '/a', bot_id: 2 })",
  ],
])("%s ends the run with unsupported_member, at its line", async (call) => {
  const outcome = await yard.script(`Bot.setProp('a', 1);\n  ${call}`);

  expect(outcome.error).toMatchObject({ code: "unsupported_member", file: "commands/_start.js", line: 2 });
  expect(outcome.answer).toBeNull();
});

test("to name such a thing is no error: bots test for it", async () => {
  const code =
    "Bot.sendMessage([typeof List, typeof SmartBot, !!Libs.ResourcesLib, typeof Libs.Lang, typeof Api.sendMessage, typeof HTTP.get, !!RefLib, String(typeof CurrencyQuote)].join())";

  expect(texts(await yard.script(code))).toEqual(["function,function,true,function,function,function,true,function"]);
});

test("a run_after that is not positive runs at once", async () => {
  const code = `if (params) return Bot.sendMessage(params);
    [0, null, "x", -1].forEach((run_after, i) => Bot.run({ command: "/start " + i, run_after }))`;

  expect(texts(await yard.script(code))).toEqual(["0", "1", "2", "3"]);
});

describe("a member that does not exist", () => {
  test.each([
    ["Bot.sendMsssage('x')", "TypeError: Bot.sendMsssage is not a function: did you mean Bot.sendMessage?"],
    ["Bot.sendMesage('x')", "TypeError: Bot.sendMesage is not a function: did you mean Bot.sendMessage?"],
    ["Bot.sendmessage('x')", "TypeError: Bot.sendmessage is not a function: did you mean Bot.sendMessage?"],
    ["Bot['sendMesage']('x')", "TypeError: Bot.sendMesage is not a function: did you mean Bot.sendMessage?"],
    ["User.serProperty('x')", "TypeError: User.serProperty is not a function: did you mean User.setProperty?"],
    ["HTTP.psot({})", "TypeError: HTTP.psot is not a function: did you mean HTTP.post?"],
    ["WebApp.geturl({})", "TypeError: WebApp.geturl is not a function: did you mean WebApp.getUrl?"],
    [
      "AdminPanel.getPanelvalues()",
      "TypeError: AdminPanel.getPanelvalues is not a function: did you mean AdminPanel.getPanelValues?",
    ],
    [
      "Libs.Webhooks.getUrlfor({})",
      "TypeError: Libs.Webhooks.getUrlfor is not a function: did you mean Libs.Webhooks.getUrlFor?",
    ],
    [
      "Bot.constructor('x')",
      expect.stringMatching(/^TypeError: Bot\.constructor is not a function: did you mean Bot\./),
    ],
    ["Libs.myLib.go()", "TypeError: Cannot read properties of undefined (reading 'go')"],
  ])("%s is a TypeError that names the nearest one", async (call, message) => {
    const { error } = await yard.script(`\n${call}`);

    expect(error).toMatchObject({ code: "script_failed", message, line: 2 });
  });

  test("can be tested for", async () => {
    expect(
      texts(
        await yard.script("Bot.sendMessage(typeof Bot.sendText + typeof User.telegramid + typeof Bot.hasOwnProperty)"),
      ),
    ).toEqual(["undefinedundefinedundefined"]);
  });
});

test("unknown keys of Bot.run are ignored", async () => {
  const { effects, error } = await yard.script(
    "if (params) return Bot.sendMessage(params + inspect(options)); Bot.run({ command: '/start x', after: 5, data: 1, comman: '/y', result: {}, background: true, label: 'l' })",
  );

  expect(error).toBeNull();
  expect(effects).toMatchObject([
    { kind: "run", command: "/start x" },
    { kind: "sendMessage", text: "xundefined" },
  ]);
});

test("account features do nothing but warn", async () => {
  const code =
    "BBAdmin.installBot({ email: 'a', success: '/done' }); BBAdmin.cloneBot({}); BBAdmin.attractUser({}); BBAdmin.addExtraPointsToIterationQuota({ success: '/done' }); GoogleAnalytics.event({}); GoogleAnalytics.pageview(); Bot.sendMessage(typeof BBAdmin.curUser.parentAccount)";

  const { error, answer, log, effects } = await yard.script(code);

  expect(error).toBeNull();
  expect(answer).toBe("undefined");
  expect(effects).toHaveLength(1);
  expect(log).toHaveLength(6);
  expect(log[0]).toEqual({
    level: "warn",
    text: "BBAdmin.installBot does nothing here: it is a feature of a hosted account",
    command: "/start",
  });
});
