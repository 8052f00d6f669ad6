using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Ear.Local.Mail;

/// <summary>
/// One client's conversation (RFC 5321): greeting, then EHLO or HELO, then any number of MAIL, RCPT…, DATA, until QUIT, silence, or too many
/// mistakes. Commands that come in one packet (pipelining) are answered one by one, in order.
/// </summary>
internal sealed class SmtpConversation(PipeReader reader, Stream answers, MailFolder folder, MailSinkOptions options, TimeProvider time)
{
    private const int MaxCommandBytes = 2048;
    private const int MaxMistakes = 20;

    private readonly List<string> _recipients = [];
    private string? _sender;
    private bool _greeted;
    private int _mistakes;

    public async Task HoldAsync(CancellationToken cancellation)
    {
        await AnswerAsync("220 localhost ESMTP Ear's mail sink: keeps mail, delivers none", cancellation);
        while (await CommandAsync(cancellation) is { } line)
        {
            var command = SmtpCommand.Parse(line);
            if (command.Verb == "QUIT")
            {
                await AnswerAsync("221 Goodbye", cancellation);
                return;
            }
            var answer = command.Verb == "DATA" ? await DataAsync(cancellation) : Answer(command);
            await AnswerAsync(answer, cancellation);
            if (answer[0] == '5' && ++_mistakes >= MaxMistakes)
            {
                await AnswerAsync("421 Too many mistakes", cancellation);
                return;
            }
        }
    }

    private string Answer(SmtpCommand command) => command.Verb switch
    {
        "EHLO" when command.Rest.Length > 0 => Greet($"250-localhost\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE {options.MaxMessageBytes}"),
        "HELO" when command.Rest.Length > 0 => Greet("250 localhost"),
        "EHLO" or "HELO" => "501 Name yourself",
        "MAIL" => Mail(command),
        "RCPT" => Rcpt(command),
        "RSET" => Reset("250 Forgotten"),
        "NOOP" => "250 Yes",
        "VRFY" => "252 Send it and see",
        "HELP" => "214 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY QUIT",
        _ => "500 Not a command here",
    };

    private string Greet(string answer)
    {
        _greeted = true;
        return Reset(answer);
    }

    private string Reset(string answer)
    {
        _sender = null;
        _recipients.Clear();
        return answer;
    }

    private string Mail(SmtpCommand command)
    {
        if (!_greeted)
            return "503 Say EHLO first";
        if (_sender is not null)
            return "503 One mail at a time; RSET forgets this one";
        if (!command.TryPath("FROM", out var sender, out var parameters))
            return "501 Say MAIL FROM:<address>";
        foreach (var parameter in parameters)
        {
            if (parameter.StartsWith("SIZE=", StringComparison.OrdinalIgnoreCase))
            {
                if (!long.TryParse(parameter.AsSpan(5), out var size))
                    return "501 SIZE is a number";
                if (size > options.MaxMessageBytes)
                    return $"552 Too large; at most {options.MaxMessageBytes} bytes";
            }
            else if (!parameter.StartsWith("BODY=", StringComparison.OrdinalIgnoreCase))
            {
                return "555 Parameter not known";
            }
        }
        _sender = sender;
        return "250 Go on";
    }

    private string Rcpt(SmtpCommand command)
    {
        if (_sender is null)
            return "503 Say MAIL first";
        if (!command.TryPath("TO", out var recipient, out var parameters) || recipient.Length == 0)
            return "501 Say RCPT TO:<address>";
        if (parameters.Length > 0)
            return "555 Parameter not known";
        if (_recipients.Count >= options.MaxRecipients)
            return "452 Too many recipients";
        if (options.Refusal(recipient) is { } refusal)
            return refusal;
        _recipients.Add(recipient);
        return "250 Go on";
    }

    private async Task<string> DataAsync(CancellationToken cancellation)
    {
        if (_sender is not { } sender || _recipients.Count == 0)
            return "503 Say MAIL and RCPT first";
        await AnswerAsync("354 End with a line that holds a dot alone", cancellation);
        var text = new DataText(options.MaxMessageBytes);
        while (!text.IsComplete)
        {
            var read = await ReadAsync(cancellation);
            if (read.Buffer.IsEmpty && read.IsCompleted)
                throw new EndOfStreamException("The client left in the middle of a mail.");
            long consumed = 0;
            foreach (var part in read.Buffer)
                consumed += text.Feed(part.Span);
            reader.AdvanceTo(read.Buffer.GetPosition(consumed));
        }
        if (text.IsTooLarge)
            return Reset($"552 Too large; at most {options.MaxMessageBytes} bytes");
        try
        {
            // Answered only when it is on disk: from then on it is ours.
            await folder.KeepAsync(sender, _recipients, text.Text, cancellation);
            return Reset("250 Kept");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Reset("451 Cannot be kept now; try again later");
        }
    }

    /// <returns>Null when the client has gone, or was told to go.</returns>
    private async Task<string?> CommandAsync(CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult read;
            try
            {
                read = await ReadAsync(cancellation);
            }
            catch (TimeoutException)
            {
                await AnswerAsync("421 Silent for too long", cancellation);
                return null;
            }
            var rest = new SequenceReader<byte>(read.Buffer);
            var complete = rest.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8);
            var length = complete ? line.Length : read.Buffer.Length;
            if (length > MaxCommandBytes)
            {
                await AnswerAsync("500 Line too long", cancellation);
                return null;
            }
            if (complete)
            {
                var command = Encoding.UTF8.GetString(line);
                reader.AdvanceTo(rest.Position);
                return command;
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
                return null;
        }
    }

    private async Task<ReadResult> ReadAsync(CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(options.IdleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, silence.Token);
        try
        {
            return await reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException("The client was silent for too long.", e);
        }
    }

    private async Task AnswerAsync(string answer, CancellationToken cancellation)
        => await answers.WriteAsync(Encoding.ASCII.GetBytes(answer + "\r\n"), cancellation);
}
