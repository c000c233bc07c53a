/**
 * Counters of `netstat -s` in other languages, by the words that tell them: German, French, Spanish, Japanese and Chinese, as
 * the catalogues of net-tools word them or people's systems print them. A number of each line is the counter.
 */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [
    /リスンキュー.*オーバ|(?:监听|監聽|侦听|listen)\S*(?:队列|佇列|queue).*溢出|溢出.*(?:监听|监听|侦听)|cola de escucha.*desbord|desbord\S* .*cola de (?:escucha|listen)|file d['’](?:attente d['’])?écoute.*(?:débord|satur)|débord\S* .*file d['’](?:attente d['’])?écoute|(?:Überl(?:auf|äufe)|überl(?:auf|ief)|übergelaufen).*(?:Listen|Horch)|(?:Listen|Horch)\S{0,3}Warteschlange.*über/i,
    'TcpExtListenOverflows',
  ],
  [
    /ソケットリスンSYN|SYNs?\b.*(?:LISTEN|listen|监听|écoute|escucha|Listen).*(?:verworfen|weggeworfen|ignor|丢弃|丟棄|jeté|rejeté|descart|ドロップ|無視)|(?:丢弃|忽略).*SYN/i,
    'TcpExtListenDrops',
  ],
  [
    /Segmente? erneut|segments? re-?transmis|segmentos? re(?:transmitid|enviad)|セグメントの再|重[传傳]|重新发送/i,
    'TcpRetransSegs',
  ],
  [
    /Segmente? (?:abgeschickt|gesendet|verschickt)|segments? envoyé|segmentos? enviad|セグメントの送信|(?:发送|發送|发出)(?:了)?.*(?:段|segments)/i,
    'TcpOutSegs',
  ],
  [
    /Verbindungsrücksetzungen|réinitialisations? de connexions?|reinicios? de conexi|接続リセット受信|(?:收到|接收).*连接重置|连接重置/i,
    'TcpEstabResets',
  ],
  [
    /Rücksetzungen (?:geschickt|gesendet)|réinitialisations? envoyé|re(?:inicio|set)s? enviad|リセット送信|(?:发送|发出).*重置|重置.*(?:发送|发出)/i,
    'TcpOutRsts',
  ],
  [
    /(?:fehlerhafte|fehlgeschlagene) Verbindungsversuche|tentatives? de connexions? (?:échou|rat)|intentos? de conexi\S+ fallid|接続試行失敗|(?:失败|失敗)的?(?:连接|連線)尝?试?|连接尝试失败/i,
    'TcpAttemptFails',
  ],
  [
    /Verbindungen passiv geöffnet|ouvertures? de connexions? passives?|aperturas? de conexi\S+ pasiv|受動接続開始|被动(?:连接|打开)/i,
    'TcpPassiveOpens',
  ],
  [
    /Verbindungen aktiv geöffnet|ouvertures? de connexions? actives?|aperturas? de conexi\S+ activ|能動接続開始|主动(?:连接|打开)/i,
    'TcpActiveOpens',
  ],
  [/^\d+ (?:Segmente empfangen|segments? reçus?)$|^\d+ ?セグメントの受信$/i, 'TcpInSegs'],
  [/ungültige SYN-Cookies|SYN-Cookies reçus incorrects|不適当なSYNクッキー/i, 'TcpExtSyncookiesFailed'],
  [/SYN-Cookies verschickt|SYNクッキーを送信/i, 'TcpExtSyncookiesSent'],
  [/SYN-Cookies empfangen|SYNクッキーを受信/i, 'TcpExtSyncookiesRecv'],
  [/その他のTCPタイムアウト/, 'TcpExtTCPTimeouts'],
  [
    /Paketempfangsfehler|erreurs? en réception de paquets|errores? (?:de|en la) recepción de paquetes|パケット受信エラー|(?:包|数据包)接收错误|接收错误/i,
    'UdpInErrors',
  ],
];

/** The counter of a line in one of those languages, as name and digits; `undefined` where it holds none, or more than one number. */
export function localizedCounter(text: string): readonly [string, string] | undefined {
  const numbers = text.match(/\d{1,20}/g);
  const [digits] = numbers ?? [];
  if (digits === undefined || numbers?.length !== 1) return undefined;
  const name = WORDS.find(([pattern]) => pattern.test(text))?.[1];
  return name === undefined ? undefined : [name, digits];
}
