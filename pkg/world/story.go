package world

// story lets two people meet, with a fact or two about each.
func (w *writer) story() string {
	pair := w.some(2)
	if len(pair) < 2 { // a town of one
		return w.biography()
	}
	lang := w.tongue.lang
	scene := w.scene()
	scene["first"], scene["second"] = w.world.people[pair[0]].Name.In(lang), w.world.people[pair[1]].Name.In(lang)
	w.say(w.pick(w.tongue.openings), scene)
	order := w.rng.Perm(len(Attributes()))
	facts := 3 + w.rng.IntN(2)
	middle := w.rng.IntN(facts)
	for i := range facts {
		a := Attributes()[order[i]]
		w.tell(w.pick(w.tongue.scenes[a]), pair[i%2], true, scene)
		if i == middle {
			scene["good"] = w.word(goods)
			w.say(w.pick(w.tongue.middles), scene)
		}
	}
	w.say(w.pick(w.tongue.endings), scene)
	return ""
}

// market lets several people buy and sell.
func (w *writer) market() string {
	w.say(w.pick(w.tongue.markets), w.scene())
	for _, p := range w.some(3 + w.rng.IntN(2)) {
		w.tell(w.pick(w.tongue.stalls), p, true, w.scene())
	}
	return ""
}

// board shows the notices of one day.
func (w *writer) board() string {
	lang := w.tongue.lang
	w.say(w.pick(boards[lang]), w.scene())
	for _, i := range w.rng.Perm(plainNotices)[:3] {
		w.say(w.pick(notices[i].tellings[lang]), w.scene())
	}
	return ""
}

// regulations state some rules of the shipping company.
func (w *writer) regulations() string {
	lang := w.tongue.lang
	w.say(w.pick(ruleOpenings[lang]), w.scene())
	for _, i := range w.rng.Perm(len(plainRules))[:3+w.rng.IntN(2)] {
		w.say(w.pick(plainRules[i].tellings[lang]), nil)
	}
	w.say(w.pick(ruleEndings[lang]), nil)
	return ""
}
