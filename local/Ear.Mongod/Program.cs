using Ear.Mongod;
using Ear.Mongod.Commands;
using Ear.Mongod.Logging;
using Ear.Mongod.Options;

if (args is ["--version"])
{
    Console.Out.WriteLine($"db version v{AdminCommands.Version}\nBuild Info: {{\"modules\": [\"ear-stand-in\"]}}");
    return (int)ExitCode.Clean;
}

MongodOptions options;
ServerLog log;
try
{
    options = OptionParser.Parse(args);
    log = new ServerLog(TimeProvider.System, options.LogPath, options.LogAppend);
}
catch (StartupException e)
{
    await Console.Error.WriteLineAsync($"{e.Message}\nThe options are listed in local/Ear.Mongod/README.md");
    return (int)e.Code;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"The log file cannot be opened: {e.Message}");
    return (int)ExitCode.BadOptions;
}

using (log)
{
    try
    {
        return (int)await new Server(options, TimeProvider.System, log).RunAsync(CancellationToken.None);
    }
    catch (StartupException e)
    {
        log.Error("CONTROL", 20557, "DBException in initAndListen, terminating", ("error", e.Message));
        return (int)e.Code;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        log.Fatal("CONTROL", 20574, "The files of the dbPath cannot be used", ("error", e.Message));
        return (int)ExitCode.Uncaught;
    }
}
