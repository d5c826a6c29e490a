namespace Lyceum.Knowledge.Reading.Formats;

/// <summary>
/// Office 97–2003 through LibreOffice, which writes today's format of the same document; that is then read like any other. It gets a profile
/// of its own for one file, in which macros and links to elsewhere are off.
/// </summary>
internal static class LegacyOfficeFormat
{
    // Maps far more than it uses; what it uses is limited as data of the process.
    private const long AddressSpace = 4L << 30;

    private const string Settings = """
        <?xml version="1.0" encoding="UTF-8"?>
        <oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
        <item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
        <item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
        <item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
        <item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
        <item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
        <item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
        <item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
        <item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
        </oor:items>
        """;

    public static string? Read(string path, string mimeType, TextBuilder builder)
    {
        var (ending, name, read) = mimeType switch
        {
            "application/msword" => ("docx", "Word 97–2003", (Func<string, TextBuilder, string?>)DocxFormat.Read),
            "application/vnd.ms-excel" => ("xlsx", "Excel 97–2003", XlsxFormat.Read),
            _ => ("pptx", "PowerPoint 97–2003", PptxFormat.Read),
        };
        var folder = Directory.CreateTempSubdirectory("lyceum-office-");
        try
        {
            var profile = Path.Combine(folder.FullName, "profile");
            Directory.CreateDirectory(Path.Combine(profile, "user"));
            File.WriteAllText(Path.Combine(profile, "user", "registrymodifications.xcu"), Settings);
            using var office = Tool.Start("soffice", AddressSpace, $"-env:UserInstallation={new Uri(profile).AbsoluteUri}", "--headless", "--norestore", "--nolockcheck",
                "--convert-to", ending, "--outdir", folder.FullName, path);
            Tool.Run(office, builder.Limits, name, Refusals.ToolMissing($"{name} files", "libreoffice", $".{ending}"), output => output.CopyTo(Stream.Null));
            var converted = Directory.EnumerateFiles(folder.FullName, $"*.{ending}").FirstOrDefault()
                ?? throw new RefusedException(Refusals.Damaged(name, "LibreOffice cannot open it"));
            return read(converted, builder);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
