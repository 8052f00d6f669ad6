using Ear.Mongod.Logging;
using MongoDB.Bson;

namespace Ear.Mongod.Commands;

internal delegate Task<BsonDocument> CommandHandler(CommandRequest request, CancellationToken ct);

/// <summary>Finds the handler of a command by its name; an error of a handler becomes the reply, as mongod's does.</summary>
internal sealed class CommandDispatcher(ServerLog log)
{
    private readonly Dictionary<string, CommandHandler> _handlers = new(StringComparer.OrdinalIgnoreCase);

    public void Add(string name, CommandHandler handler) => _handlers.Add(name, handler);

    public void Add(string name, Func<CommandRequest, BsonDocument> handler) => _handlers.Add(name, (r, _) => Task.FromResult(handler(r)));

    public async Task<BsonDocument> RunAsync(CommandRequest request, CancellationToken ct)
    {
        try
        {
            if (request.Body.ElementCount == 0 || !_handlers.TryGetValue(request.Name, out var handler))
                return CommandException.Error(ErrorCode.CommandNotFound, $"no such command: '{(request.Body.ElementCount == 0 ? "" : request.Name)}'");
            var reply = await handler(request, ct);
            if (!reply.Contains("ok")) reply["ok"] = 1.0;
            return reply;
        }
        catch (CommandException e)
        {
            return e.ToBson();
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return CommandException.Error(ErrorCode.ShutdownInProgress, "The server is in quiesce mode and will shut down");
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidCastException or FormatException or OverflowException or BsonException or ArgumentException)
        {
            // A field is missing or of another type. The message of these exceptions names fields and types, not values we would not show.
            log.Warning("COMMAND", 21962, "A command could not be understood", ("command", request.Name), ("errorType", e.GetType().Name));
            return CommandException.Error(ErrorCode.FailedToParse, $"{request.Name}: {e.Message}");
        }
        catch (Exception e) when (e is not OutOfMemoryException and not IOException)
        {
            // A bug of ours. Whoever asked gets an answer that says so and nothing else; the message may quote a document, so the log has only the place.
            log.Error("COMMAND", 21963, "A command failed unexpectedly", ("command", request.Name), ("errorType", e.GetType().Name), ("at", e.StackTrace));
            return CommandException.Error(ErrorCode.InternalError, $"{request.Name} failed unexpectedly; the server's log has the details");
        }
    }
}
