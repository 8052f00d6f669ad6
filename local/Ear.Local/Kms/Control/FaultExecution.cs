using Microsoft.AspNetCore.Http;

namespace Ear.Local.Kms.Control;

/// <summary>
/// Carries a fault out for any of the doors, in this order: <see cref="BeginAsync"/> when it is known who asks; if <see cref="Instead"/> says something, log it and
/// <see cref="WriteInsteadAsync"/>; if <see cref="Code"/> is given, refuse with it in the service's own form; else run the operation. In both cases log
/// <see cref="After"/> where it says something, and send the answer by <see cref="WriteAsync"/>.
/// </summary>
internal sealed class FaultExecution
{
    /// <summary>Nothing goes wrong.</summary>
    public static readonly FaultExecution None = new(new FaultRule());

    private const int Chunk = 64 * 1024;
    private readonly FaultRule rule;

    private FaultExecution(FaultRule rule) => this.rule = rule;

    public string? Code => rule.Code;

    public string? Message => rule.Message;

    public int? Status => rule.Status;

    /// <summary>Not null: the operation is not to be run. The word for the request log.</summary>
    public string? Instead => rule switch
    {
        { Reset: ConnectionReset.Before } => "reset before",
        { HugeMegabytes: > 0 } => "huge",
        { Body: not null } => "raw body",
        _ => null,
    };

    /// <summary>Not null: what happens to the answer of an operation that was run or refused. The word for the request log.</summary>
    public string? After => rule switch
    {
        { Reset: ConnectionReset.After } => "reset after",
        { HalfSent: true } => "half sent",
        _ => null,
    };

    /// <summary>Takes the rule's time, and asks for time where the rule says so.</summary>
    public static async Task<FaultExecution> BeginAsync(HttpContext http, FaultRule? rule, TimeProvider time)
    {
        if (rule is null)
            return None;
        if (rule.DelayMilliseconds > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(rule.DelayMilliseconds), time, http.RequestAborted);
        if (rule.RetryAfterSeconds is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new FaultExecution(rule);
    }

    public async Task WriteInsteadAsync(HttpContext http)
    {
        if (rule.Reset is ConnectionReset.Before)
        {
            http.Abort();
            return;
        }
        http.Response.StatusCode = rule.Status ?? StatusCodes.Status200OK;
        http.Response.ContentType = rule.ContentType ?? "application/json";
        if (rule.HugeMegabytes > 0)
            await WriteHugeAsync(http, rule.HugeMegabytes * 1024L * 1024);
        else
            await WriteAsync(http, System.Text.Encoding.UTF8.GetBytes(rule.Body!));
    }

    /// <summary>Sends an answer whose status and headers are set: whole, half, or not at all.</summary>
    public async Task WriteAsync(HttpContext http, ReadOnlyMemory<byte> body)
    {
        if (rule.Reset is ConnectionReset.After)
        {
            http.Abort();
            return;
        }
        http.Response.ContentLength = body.Length;
        if (!rule.HalfSent)
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
            return;
        }
        await http.Response.Body.WriteAsync(body[..(body.Length / 2)], http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        http.Abort();
    }

    /// <summary>A JSON string without an end in sight.</summary>
    private static async Task WriteHugeAsync(HttpContext http, long size)
    {
        http.Response.ContentLength = size;
        var chunk = new byte[Chunk];
        Array.Fill(chunk, (byte)'x');
        chunk[0] = (byte)'"';
        try
        {
            for (var left = size; left > 0; left -= Chunk)
            {
                await http.Response.Body.WriteAsync(chunk.AsMemory(0, (int)Math.Min(left, Chunk)), http.RequestAborted);
                chunk[0] = (byte)'x';
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has seen enough, as it should.
        }
    }
}
