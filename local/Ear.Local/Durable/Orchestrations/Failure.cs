using Microsoft.DurableTask;

namespace Ear.Local.Durable.Orchestrations;

/// <summary>What is kept of a failure: type, text and stack. The details of a failed step stay whole inside that of its caller.</summary>
internal static class Failure
{
    public static TaskFailureDetails Of(Task failed) =>
        Of(failed.Exception?.InnerException ?? new TaskCanceledException("The orchestrator was cancelled by a token that it cancelled itself."));

    public static TaskFailureDetails Of(Exception exception)
    {
        var details = TaskFailureDetails.FromException(exception);
        return exception is TaskFailedException failed ? details with { InnerFailure = failed.FailureDetails } : details;
    }

    public static TaskFailureDetails Because(string type, string message) => new(type, message, StackTrace: null, InnerFailure: null, Properties: null);
}
