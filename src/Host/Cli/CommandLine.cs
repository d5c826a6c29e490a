using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;

namespace Lyceum.Host.Cli;

/// <summary>
/// The `lyceum` command line. All commands but serve and migrate speak to a server over its HTTP API, as anyone could.
/// </summary>
public static class CommandLine
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print one JSON document on stdout and nothing else.", Recursive = true };

    public static async Task<int> Run(string[] args)
    {
        // The server ends in its own way and takes its time; the command line's handling of signals is not for it.
        if (args is ["serve", .. var rest] && !rest.Any(arg => arg is "--help" or "-h" or "-?"))
        {
            return await Server.Run(rest, CancellationToken.None);
        }

        using var interrupted = new CancellationTokenSource();
        using var onInt = Cancelling(PosixSignal.SIGINT, interrupted);
        using var onTerm = Cancelling(PosixSignal.SIGTERM, interrupted);
        return await Run(args, Console.Out, Console.Error, Environment.GetEnvironmentVariable, interrupted.Token);
    }

    internal static async Task<int> Run(string[] args, TextWriter stdout, TextWriter stderr, Func<string, string?> variable, CancellationToken ct)
    {
        var parsed = Root(stdout, stderr, variable).Parse(args);
        var terminal = new Terminal(stdout, stderr, args.Contains("--json"));
        if (parsed.Action is not HelpAction && parsed.Errors.Count > 0)
        {
            await terminal.Failure("wrong_usage", $"{string.Join(' ', parsed.Errors.Select(error => error.Message))} See: {Names(parsed.CommandResult)} --help");
            return ExitCode.WrongUsage;
        }

        if (args is ["--version"])
        {
            await stdout.WriteLineAsync(typeof(CommandLine).Assembly.GetName().Version?.ToString(3));
            return ExitCode.Ok;
        }

        // The parser calls the program by the name of its file; people call it lyceum.
        if (parsed.Action is HelpAction)
        {
            var help = new StringWriter();
            await parsed.InvokeAsync(new InvocationConfiguration { Output = help, Error = help }, ct);
            await stdout.WriteAsync(help.ToString().Replace(parsed.RootCommandResult.Command.Name, "lyceum", StringComparison.Ordinal).AsMemory(), ct);
            return ExitCode.Ok;
        }

        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = stdout, Error = stderr };
            return await parsed.InvokeAsync(configuration, ct);
        }
        catch (CommandFailed failed)
        {
            await terminal.Failure(failed.Code, failed.Message);
            return failed.ExitCode;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await terminal.Failure("interrupted", "Interrupted.");
            return ExitCode.Interrupted;
        }
    }

    private static RootCommand Root(TextWriter stdout, TextWriter stderr, Func<string, string?> variable)
    {
        Terminal On(ParseResult parsed) => new(stdout, stderr, parsed.GetValue(Json));
        ApiClient Api() => ApiClient.Open(Profile.Read(variable, ReadFile), TimeProvider.System);
        async Task<int> WithApi(ParseResult parsed, Func<ApiClient, Terminal, Task<int>> command)
        {
            using var api = Api();
            return await command(api, On(parsed));
        }

        var time = TimeProvider.System;
        return new RootCommand($"Lyceum: your documents, searched and answered from.\n\n{ExitCode.Explained}\n\nThe server: LYCEUM_URL and LYCEUM_API_KEY, else the profile that ./run leaves in LYCEUM_HOME.")
        {
            Json,
            Leaf("status", "Say whether the server is ready, and who you are to it.", [],
                (parsed, ct) => WithApi(parsed, (api, terminal) => new SmallCommands(api, terminal, time).Status(ct))),
            Keys((parsed, name, scopes, days, ct) => WithApi(parsed, (api, terminal) => new SmallCommands(api, terminal, time).CreateKey(name, scopes, days, ct))),
            CollectionCommands(
                (parsed, name, slug, description, ct) => WithApi(parsed, (api, terminal) => new SmallCommands(api, terminal, time).CreateCollection(name, slug, description, ct)),
                (parsed, ct) => WithApi(parsed, (api, terminal) => new SmallCommands(api, terminal, time).ListCollections(ct))),
            Ingest((parsed, wish, ct) => WithApi(parsed, (api, terminal) => new IngestCommand(api, terminal, time).Run(wish, ct))),
            Search((parsed, query, slugs, top, ct) => WithApi(parsed, (api, terminal) => new SmallCommands(api, terminal, time).Search(query, slugs, top, ct))),
            Ask((parsed, question, collection, agent, ct) => WithApi(parsed, (api, terminal) => new AskCommand(api, terminal, time).Run(question, collection, agent, ct))),
            new Command("migrate", "Change the database without a server. Needs LYCEUM_DATABASE_URL.")
            {
                Leaf("up", "Apply what is pending.", [], (parsed, ct) => MigrateCommand.Run("up", On(parsed), variable, ct)),
                Leaf("down", "Take back the last migration.", [], (parsed, ct) => MigrateCommand.Run("down", On(parsed), variable, ct)),
                Leaf("status", "List the migrations and when each was applied.", [], (parsed, ct) => MigrateCommand.Run("status", On(parsed), variable, ct)),
            },
            new Command("audit", "The audit log.")
            {
                Leaf("verify", "Check that no row was changed, removed or added, against the signed checkpoints too. Ends with 1 when something is wrong.", [],
                    (parsed, ct) => WithApi(parsed, (api, terminal) => new AuditCommand(api, terminal).Verify(ct))),
            },
            Leaf("serve", "Run the server until it is stopped. ./run does this and sets up what it needs.", [], (_, ct) => Server.Run([], ct)),
        };
    }

    private static Command Keys(Func<ParseResult, string, string[], int?, CancellationToken, Task<int>> create)
    {
        var name = new Argument<string>("NAME") { Description = "What the key is for." };
        var scope = new Option<string[]>("--scope") { Description = "A permission the key has; may be given several times. Without it, all of yours." };
        var expires = new Option<int?>("--expires") { Description = "Days until the key ends.", HelpName = "DAYS" };
        expires.Validators.Add(Between(1, 3650));
        return new Command("keys", "API keys.")
        {
            Leaf("create", "Make an API key and print it; it is shown only once.", [name, scope, expires],
                (parsed, ct) => create(parsed, parsed.GetRequiredValue(name), parsed.GetValue(scope) ?? [], parsed.GetValue(expires), ct)),
        };
    }

    private static Command CollectionCommands(
        Func<ParseResult, string, string?, string?, CancellationToken, Task<int>> create, Func<ParseResult, CancellationToken, Task<int>> list)
    {
        var name = new Argument<string>("NAME") { Description = "How people call it." };
        var slug = new Option<string?>("--slug") { Description = "How commands and addresses call it. Made from the name when not given." };
        var description = new Option<string?>("--description") { Description = "What it holds." };
        return new Command("collections", "Collections of documents.")
        {
            Leaf("create", "Make a collection and print its slug.", [name, slug, description],
                (parsed, ct) => create(parsed, parsed.GetRequiredValue(name), parsed.GetValue(slug), parsed.GetValue(description), ct)),
            Leaf("list", "List the collections.", [], list),
        };
    }

    private static Command Ingest(Func<ParseResult, IngestWish, CancellationToken, Task<int>> run)
    {
        var paths = new Argument<string[]>("PATH") { Description = "Files, directories (all below them) or patterns such as 'docs/**/*.pdf'.", Arity = ArgumentArity.OneOrMore };
        var collection = new Option<string>("--collection") { Description = "Slug of the collection.", Required = true, HelpName = "SLUG" };
        var create = new Option<bool>("--create") { Description = "Make the collection when it is missing." };
        var wait = new Option<bool>("--wait") { Description = "Wait until every document is indexed or has failed." };
        var timeout = new Option<int>("--timeout") { Description = "Seconds that --wait waits at most.", DefaultValueFactory = _ => 1800, HelpName = "SECONDS" };
        timeout.Validators.Add(Between(1, 86_400));
        return Leaf("ingest", "Send files into a collection.", [paths, collection, create, wait, timeout], (parsed, ct) => run(
            parsed,
            new IngestWish(
                parsed.GetRequiredValue(paths), parsed.GetRequiredValue(collection), parsed.GetValue(create), parsed.GetValue(wait),
                TimeSpan.FromSeconds(parsed.GetValue(timeout))),
            ct));
    }

    private static Command Search(Func<ParseResult, string, string[], int, CancellationToken, Task<int>> run)
    {
        var query = new Argument<string>("QUERY") { Description = "What to look for." };
        var collection = new Option<string[]>("--collection") { Description = "Slug of a collection; may be given several times.", Required = true, HelpName = "SLUG" };
        var top = new Option<int>("--top") { Description = "How many hits at most.", DefaultValueFactory = _ => 10, HelpName = "N" };
        top.Validators.Add(Between(1, 100));
        return Leaf("search", "Search collections.", [query, collection, top],
            (parsed, ct) => run(parsed, parsed.GetRequiredValue(query), parsed.GetRequiredValue(collection), parsed.GetValue(top), ct));
    }

    private static Command Ask(Func<ParseResult, string, string?, string?, CancellationToken, Task<int>> run)
    {
        var question = new Argument<string>("QUESTION") { Description = "What to ask." };
        var collection = new Option<string?>("--collection") { Description = "Slug of the collection to answer from.", HelpName = "SLUG" };
        var agent = new Option<string?>("--agent") { Description = "Slug of the agent that answers.", HelpName = "SLUG" };
        var command = Leaf("ask", "Ask a question; the answer comes as it is written, its sources after it.", [question, collection, agent],
            (parsed, ct) => run(parsed, parsed.GetRequiredValue(question), parsed.GetValue(collection), parsed.GetValue(agent), ct));
        return command;
    }

    private static Command Leaf(string name, string description, IEnumerable<Symbol> symbols, Func<ParseResult, CancellationToken, Task<int>> action)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else if (symbol is Option option)
            {
                command.Add(option);
            }
        }

        command.SetAction(action);
        return command;
    }

    private static Action<OptionResult> Between(int least, int most) => result =>
    {
        if (result.Tokens is [var token, ..] && (!int.TryParse(token.Value, out var number) || number < least || number > most))
        {
            result.AddError($"{result.Option.Name} is '{token.Value}'; write a number from {least} to {most}.");
        }
    };

    private static string Names(CommandResult result)
    {
        var names = new List<string>();
        for (SymbolResult? at = result; at is not null; at = at.Parent)
        {
            if (at is CommandResult { Command: var command })
            {
                names.Insert(0, command is RootCommand ? "lyceum" : command.Name);
            }
        }

        return string.Join(' ', names);
    }

    private static string? ReadFile(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new CommandFailed(ExitCode.NotAllowed, "profile_denied", $"{path} belongs to another account. Set LYCEUM_URL and LYCEUM_API_KEY.", denied);
        }
    }

    private static PosixSignalRegistration Cancelling(PosixSignal signal, CancellationTokenSource source) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            source.Cancel();
        });
}
