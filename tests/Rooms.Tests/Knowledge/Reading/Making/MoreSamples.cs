using System.Text;

namespace Lyceum.Rooms.Tests.Knowledge.Reading.Making;

/// <summary>Small files of the formats that only some people use.</summary>
internal static class MoreSamples
{
    public const string Rtf = @"{\rtf1\ansi\deff0{\fonttbl{\f0 Helvetica;}}{\info{\title Rules of the dome}}
{\pard\b The dome\b0\par}
{\pard Close it when the wind passes {\i twenty} metres. The caf\'e9 stays open.\par}
\trowd\cellx2000\cellx4000 \intbl What\cell Limit\cell\row
\trowd\cellx2000\cellx4000 \intbl Wind\cell 20 m/s\cell\row
{\pard End.\par}}";

    public static byte[] Odt() => ZipMaker.Make(
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        ("META-INF/manifest.xml", Xml("<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>")),
        ("meta.xml", Xml($"<office:document-meta {Names}><office:meta><dc:title>Rules of the dome</dc:title></office:meta></office:document-meta>")),
        ("content.xml", Content("""
            <text:tracked-changes><text:changed-region><text:deletion><text:p>Deleted words</text:p></text:deletion></text:changed-region></text:tracked-changes>
            <text:h text:outline-level="1">The dome</text:h>
            <text:p>Close it when<text:s text:c="2"/>the wind passes <text:span>twenty</text:span> metres<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Measured at the mast.</text:p></text:note-body></text:note>.<office:annotation><text:p>A remark</text:p></office:annotation></text:p>
            <text:list><text:list-item><text:p>First the shutter</text:p><text:list><text:list-item><text:p>It is loud</text:p></text:list-item></text:list></text:list-item><text:list-item><text:p>Then the lights</text:p></text:list-item></text:list>
            <text:h text:outline-level="2">Limits</text:h>
            <table:table><table:table-column table:number-columns-repeated="2"/>
            <table:table-header-rows><table:table-row><table:table-cell><text:p>What</text:p></table:table-cell><table:table-cell><text:p>Limit</text:p></table:table-cell></table:table-row></table:table-header-rows>
            <table:table-row><table:table-cell><text:p>Wind</text:p></table:table-cell><table:table-cell><text:p>20</text:p><text:p>m/s</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16382"/></table:table-row></table:table>
            <text:p>End.</text:p>
            """)));

    public static byte[] OdtWith(string body) => ZipMaker.Make(
        ("mimetype", "application/vnd.oasis.opendocument.text"), ("META-INF/manifest.xml", Xml("<manifest/>")), ("content.xml", Content(body)));

    public static byte[] Epub(string chapter = "<h1>The dome</h1><p>Close it when the wind blows.</p>") => ZipMaker.Make(
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", Xml("<container xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles><rootfile full-path=\"OEBPS/book.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles></container>")),
        ("OEBPS/book.opf", Xml("""
            <package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Rules of the dome</dc:title></metadata>
            <manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/><item id="two" href="text/two%20b.xhtml" media-type="application/xhtml+xml"/>
            <item id="one" href="text/one.xhtml" media-type="application/xhtml+xml"/><item id="css" href="a.css" media-type="text/css"/></manifest>
            <spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/><itemref idref="gone"/></spine></package>
            """)),
        ("OEBPS/nav.xhtml", "<html><body><ol><li>The dome</li></ol></body></html>"),
        ("OEBPS/text/two b.xhtml", "<?xml version=\"1.0\"?><!DOCTYPE html><html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body><h2>Limits</h2><table><tr><th>What</th><th>Limit</th></tr><tr><td>Wind</td><td>20 m/s</td></tr></table></body></html>"),
        ("OEBPS/text/one.xhtml", $"<html xmlns=\"http://www.w3.org/1999/xhtml\"><body>{chapter}</body></html>"));

    public static byte[] Email() => Encoding.Latin1.GetBytes(string.Join("\r\n",
        "Return-Path: <lena@example.com>",
        "Received: from mail.example.com",
        "\tby mx.example.org; Tue, 4 Mar 2025 09:00:00 +0100",
        "From: =?utf-8?q?Lena_Okaf=C3=B6r?= <lena@example.com>",
        "To: Tomas <tomas@example.org>",
        "Subject: =?UTF-8?B?RGllIEt1cHBlbCDigJM=?=",
        " =?UTF-8?Q?_limits?=",
        "Date: Tue, 4 Mar 2025 09:00:00 +0100",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=\"outer\"",
        "",
        "This is for old programs.",
        "--outer",
        "Content-Type: multipart/alternative; boundary=inner",
        "",
        "--inner",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "Only plain words.",
        "--inner",
        "Content-Type: text/html; charset=iso-8859-1",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "<p>Close the caf=E9 when the wind =",
        "blows.</p><table><tr><th>What</th><th>Limit</th></tr><tr><td>Wind</td><td>20 m/s</td></tr></table>",
        "--inner--",
        "--outer",
        "Content-Type: message/rfc822",
        "",
        "From: Ann <ann@example.com>",
        "Subject: Before",
        "",
        "What are the limits?",
        "--outer",
        "Content-Type: application/pdf; name=\"limits.pdf\"",
        "Content-Disposition: attachment; filename*=utf-8''gr%C3%B6%C3%9Fe.pdf",
        "Content-Transfer-Encoding: base64",
        "",
        "JVBERi0xLjQK",
        "--outer--",
        ""));

    private const string Names =
        "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"";

    private static string Content(string body) => Xml($"<office:document-content {Names}><office:body><office:text>{body}</office:text></office:body></office:document-content>");

    private static string Xml(string content) => $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{content}";
}
