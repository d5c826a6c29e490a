using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Lyceum.Tidy.Tests;

/// <summary>The checkout as these tests see it: paths relative to its root, text as text.</summary>
internal static class Tree
{
    public static string Root { get; } = Find();

    /// <summary>C# files below these folders, relative to the root, without what a build writes.</summary>
    public static IEnumerable<string> CSharp(params string[] folders) => Files("*.cs", folders);

    public static IEnumerable<string> Files(string pattern, params string[] folders) =>
        from folder in folders
        let path = Path.Combine(Root, folder)
        where Directory.Exists(path)
        from file in Directory.EnumerateFiles(path, pattern, SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Root, file)
        where !relative.Split('/').Any(part => part is "bin" or "obj" or "node_modules")
        orderby relative
        select relative;

    public static string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));

    public static IEnumerable<(int Number, string Text)> Lines(string relative) =>
        File.ReadLines(Path.Combine(Root, relative)).Select((text, index) => (index + 1, text));

    /// <summary>What git would commit: tracked files, and new ones that are not ignored.</summary>
    public static IReadOnlyList<string> Committed()
    {
        var start = new ProcessStartInfo("git", ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start) ?? throw new InvalidOperationException("git did not start.");
        var names = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, "git ls-files failed: run the tests in a git checkout.");
        return [.. names.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(name => File.Exists(Path.Combine(Root, name)))];
    }

    /// <summary>Assert.Empty cuts messages short, and the message is the point here: it is printed whole.</summary>
    public static void None(IEnumerable<string?> faults)
    {
        var text = string.Join(Environment.NewLine, faults);
        Assert.True(text.Length == 0, Environment.NewLine + text);
    }

    /// <summary>A C# text without its comments, same lines: prose may name what code may not.</summary>
    public static string WithoutComments(string code) =>
        Regex.Replace(code, @"^\s*//.*$|(?<=[\s;{}(),])//[^""\n]*$", "", RegexOptions.Multiline);

    private static string Find([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..")); // a compiled file has a folder
}
