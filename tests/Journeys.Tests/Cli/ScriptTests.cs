using System.Diagnostics;
using Xunit;

namespace Lyceum.Journeys.Tests.Cli;

/// <summary>The pieces of the scripts with programs on the PATH that only note how they were called.</summary>
public sealed class ScriptTests : IDisposable
{
    private const string Everybody = "a+rX";
    private readonly string _folder = Directory.CreateTempSubdirectory("lyceum-scripts-").FullName;

    public ScriptTests()
    {
        Directory.CreateDirectory(At("bin"));
        Directory.CreateDirectory(At("scripts"));
        Directory.CreateDirectory(At("home/state"));
        foreach (var script in Directory.GetFiles(Path.Combine(Command.Root, "scripts")))
        {
            File.Copy(script, At("scripts/" + Path.GetFileName(script)));
        }
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string At(string path) => Path.Combine(_folder, path);

    private string[] Calls => File.Exists(At("calls")) ? File.ReadAllLines(At("calls")) : [];

    [Fact]
    public async Task What_has_not_changed_is_not_built_again()
    {
        foreach (var file in new[] { "src/Host/Host.csproj", "src/Program.cs", "Directory.Build.props", "Directory.Packages.props", "global.json", "ui/package.json", "ui/package-lock.json", "ui/src/main.tsx" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At(file))!); // a file has a folder
            await File.WriteAllTextAsync(At(file), "{}", Ct);
        }

        Fake("dotnet", """
            if [ "$1" = --version ]; then echo 10.0.100; exit; fi
            while [ "$1" != -o ]; do shift; done
            mkdir -p "$2" && echo built >"$2/Lyceum.Host.dll"
            """);
        Fake("node", "echo v22.0.0");
        Fake("npm", """
            case $1 in
            ci) mkdir -p node_modules ;;
            run) mkdir -p dist && echo page >dist/index.html ;;
            esac
            """);
        const string Build = "server_build; ui_build; echo \"APP=$APP UI=$UI_DIR\"";

        var first = await Shell(Build);
        Assert.True(first.Code == 0, first.ToString());
        Assert.Contains(Calls, call => call.StartsWith("dotnet publish", StringComparison.Ordinal));
        Assert.Contains(Calls, call => call.StartsWith("npm ci", StringComparison.Ordinal));
        Assert.Contains("npm run build", Calls);
        Assert.Contains($"APP={At("home/app")} UI={At("home/ui")}", first.Stdout, StringComparison.Ordinal);
        Assert.True(File.Exists(At("home/app/Lyceum.Host.dll")) && File.Exists(At("home/ui/index.html")));

        File.Delete(At("calls"));
        var second = await Shell(Build);
        Assert.Equal(0, second.Code);
        Assert.Empty(Calls);
        Assert.Contains("server is built", second.Stdout, StringComparison.Ordinal);

        await File.WriteAllTextAsync(At("src/Program.cs"), "changed", Ct);
        Assert.Equal(0, (await Shell(Build)).Code);
        Assert.Contains(Calls, call => call.StartsWith("dotnet publish", StringComparison.Ordinal));
        Assert.DoesNotContain(Calls, call => call.StartsWith("npm", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_is_not_root_is_told_exactly_what_to_install()
    {
        Fake("dpkg-query", "[ \"${!#}\" = chromium ] && echo installed");
        Fake("apt-get", "exit 0");
        var outcome = await Shell("packages_ensure chromium poppler-utils postgresql", asNobody: true);
        Assert.Equal(1, outcome.Code);
        Assert.Contains("this machine lacks: poppler-utils postgresql", outcome.Stderr, StringComparison.Ordinal);
        Assert.Contains("sudo apt-get install poppler-utils postgresql", outcome.Stderr, StringComparison.Ordinal);
        Assert.Contains("sudo ./run --setup", outcome.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain(Calls, call => call.StartsWith("apt-get", StringComparison.Ordinal));
        Assert.Equal(0, (await Shell("packages_ensure chromium", asNobody: true)).Code);
    }

    [Theory]
    [InlineData("0.8.1", 0)]
    [InlineData("0.8.0", 0)]
    [InlineData("0.7.4", 1)]
    [InlineData(null, 1)]
    public async Task A_pgvector_that_is_too_old_or_missing_is_named_with_the_way_to_get_it(string? version, int code)
    {
        Fake("pg_config", $"echo {At("share")}");
        Directory.CreateDirectory(At("share/extension"));
        if (version is not null)
        {
            await File.WriteAllTextAsync(At("share/extension/vector.control"), $"default_version = '{version}'\n", Ct);
        }

        var outcome = await Shell($"PG_MAJOR=15 PG_BIN={At("bin")}; pgvector_ensure {At("keep")}", asNobody: true);
        Assert.Equal(code, outcome.Code);
        if (code != 0)
        {
            Assert.Contains("no pgvector 0.8.0 or newer", outcome.Stderr, StringComparison.Ordinal);
            Assert.Contains("sudo ./run --setup", outcome.Stderr, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pgvector_is_built_from_the_source_of_a_newer_suite_beside_the_machines_own_apt()
    {
        Fake("apt-get", """
            case " $* " in
            *indextargets*) . /etc/os-release && echo "http://mirror.invalid/ $VERSION_CODENAME $VERSION_CODENAME" ;;
            *' source '*) mkdir -p pgvector-0.8.4 && echo "$*" | grep -o 'Dir::Etc::SourceList=[^ ]*' | cut -d= -f2 | xargs cat >"$FAKES/sources" ;;
            esac
            """);
        Fake("make", """
            for word in "$@"; do case $word in DESTDIR=*) mkdir -p "${word#DESTDIR=}/usr" && echo 0.8.4 >"${word#DESTDIR=}/usr/vector.control" ;; esac; done
            """);
        var built = await Shell($"PG_MAJOR=15 PG_BIN={At("bin")}; pgvector_build trixie {At("keep")} && find {At("keep")} -name complete -o -name vector.control");
        Assert.True(built.Code == 0, built + string.Concat(Directory.GetFiles(At("keep")).Select(File.ReadAllText)));
        Assert.Contains("/complete", built.Stdout, StringComparison.Ordinal);
        Assert.Contains("/files/usr/vector.control", built.Stdout, StringComparison.Ordinal);
        Assert.Contains("http://mirror.invalid/ trixie main", await File.ReadAllTextAsync(At("sources"), Ct), StringComparison.Ordinal);
        Assert.All(Calls.Where(call => call.StartsWith("apt-get", StringComparison.Ordinal) && !call.Contains("indextargets", StringComparison.Ordinal)),
            call => Assert.Contains("Dir::State::Lists=", call, StringComparison.Ordinal));
        Assert.Contains(Calls, call => call.StartsWith("make", StringComparison.Ordinal) && call.Contains($"PG_CONFIG={At("bin")}/pg_config", StringComparison.Ordinal));

        // A tree that somebody else wrote is not copied into the system.
        Fake("tar", "exit 0");
        if (Environment.UserName == "root")
        {
            using var give = Process.Start("chown", ["-R", "nobody", At("keep")]);
            await give.WaitForExitAsync(Ct);
        }

        Assert.Equal(1, (await Shell($"PG_MAJOR=15 PG_BIN={At("bin")}; pgvector_from_cache {At("keep")}")).Code);
        Assert.DoesNotContain(Calls, call => call.StartsWith("tar", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_copy_that_fails_stops_the_script_also_where_its_name_is_asked_for()
    {
        Fake("cp", "exit 1");
        Directory.CreateDirectory(At("closed"));
        await File.WriteAllTextAsync(At("closed/index.html"), "page", Ct);
        var outcome = await Shell($"as_account() {{ false; }}; LYCEUM_UI_DIR={At("closed")}; ui_build; echo went on");
        Assert.Equal(1, outcome.Code);
        Assert.Contains("could not be copied", outcome.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain("went on", outcome.Stdout, StringComparison.Ordinal);
    }

    private void Fake(string name, string body)
    {
        File.WriteAllText(At("bin/" + name), $"#!/usr/bin/env bash\nFAKES={_folder}\necho \"{name} $*\" >>\"$FAKES/calls\"\n{body}\n");
        File.SetUnixFileMode(At("bin/" + name), (UnixFileMode)0b111_101_101);
    }

    /// <summary>Runs lines with the pieces loaded; as an account without rights when asked, if this one has any.</summary>
    private async Task<Outcome> Shell(string lines, bool asNobody = false)
    {
        var script = $"set -euo pipefail; ROOT={_folder} LYCEUM_HOME={_folder}/home; for piece in say account packages settings postgres pgvector build; do . \"$ROOT/scripts/$piece.sh\"; done; {lines}";
        string[] command = ["bash", "-c", script];
        if (asNobody && Environment.UserName == "root")
        {
            using var open = Process.Start("chmod", ["-R", Everybody, _folder]);
            await open.WaitForExitAsync(Ct);
            File.WriteAllText(At("calls"), "");
            File.SetUnixFileMode(At("calls"), (UnixFileMode)0b110_110_110);
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", .. command];
        }

        return await Command.Run("/usr/bin/env", new Dictionary<string, string> { ["PATH"] = $"{At("bin")}:{Environment.GetEnvironmentVariable("PATH")}" }, command, Ct);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
